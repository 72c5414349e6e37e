environment           = "development"
region                = "us-east-1"
log_retention_in_days = 30

# With it, no other account is touched, whatever credentials are at hand.
# account_id = "111111111111"
