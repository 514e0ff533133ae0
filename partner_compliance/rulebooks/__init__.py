"""Rules of an organization: written with the wizard, edited, adopted, published, made known, kept up to date."""
