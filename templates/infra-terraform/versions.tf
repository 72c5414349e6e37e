terraform {
  # 1.10 is the first version that locks the state in S3 itself.
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }

  # Which bucket and key: environments/*.tfbackend.
  backend "s3" {}
}
