"""Hand-over receipts (預かり証・授受簿): between people, and between the organization and a municipality."""
