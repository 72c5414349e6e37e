# The bucket that the APIs' bundles go through: as files they would be sent once for each function.

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  # Bucket names are global to a partition and end at 63 characters.
  full_name = "${var.name}-artifacts-${data.aws_caller_identity.this.account_id}-${data.aws_region.this.id}"
  name      = length(local.full_name) <= 63 ? local.full_name : "${substr(local.full_name, 0, 54)}-${substr(sha256(local.full_name), 0, 8)}"
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Bundles are read by Lambda alone, at deployment.
  #checkov:skip=CKV_AWS_21:A bundle's key is the hash of its content, so nothing is ever written over.
  #checkov:skip=CKV_AWS_144:Bundles are built again from source; a copy in another region serves nobody.
  #checkov:skip=CKV_AWS_145:Bundles hold no secret; S3 encrypts them with its own key.
  #checkov:skip=CKV2_AWS_61:Terraform removes a bundle when the next one has taken its place.
  #checkov:skip=CKV2_AWS_62:Nobody waits for a bundle's arrival.
  bucket = local.name
  # Whatever lies here is made by the bundle target, so nothing is lost with the bucket.
  force_destroy = true
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOverTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [for below in ["", "/*"] : "arn:${data.aws_partition.this.partition}:s3:::${local.name}${below}"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
