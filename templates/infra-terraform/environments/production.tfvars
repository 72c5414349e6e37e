environment           = "production"
region                = "us-east-1"
log_retention_in_days = 365

# With it, no other account is touched, whatever credentials are at hand.
# account_id = "222222222222"
