"""Networks (協議会・ネットワーク): member groups, and what they let the network's office do for them."""
