# Plans the development environment without an account: `nx run infra:test`.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }
}

variables {
  environment = "development"
  region      = "us-east-1"
}

run "plans_the_environment" {
  command = plan

  assert {
    condition     = startswith(module.artifacts.bucket, local.prefix)
    error_message = "The bundles' bucket does not carry the environment's name."
  }
}

run "refuses_a_name_that_buckets_cannot_have" {
  command = plan

  variables {
    environment = "Development"
  }

  expect_failures = [var.environment]
}
