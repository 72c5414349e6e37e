output "bucket" {
  description = "Name of the state bucket, for environments/*.tfbackend."
  value       = aws_s3_bucket.this.bucket
}
