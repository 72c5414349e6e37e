environment           = "development"
region                = "us-east-1"
log_retention_in_days = 30
