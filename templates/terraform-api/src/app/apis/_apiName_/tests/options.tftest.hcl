# What the module's variables accept and refuse, without an account: `nx run common-terraform:test`.

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
  name                = "test"
  integration_pattern = "isolated"
  auth                = "IAM"
  bundle_bucket       = "bundles"
  buffers_streams     = true
  # Any file does for a plan.
  bundle_path = "main.tf"
}

run "isolated_gives_each_operation_a_function" {
  command = plan

  assert {
    condition     = output.router == null
    error_message = "There is a router, though each operation has a function of its own."
  }

  assert {
    condition     = length(distinct([for operation in values(local.outputs) : operation.function_name])) == length(local.metadata.operations)
    error_message = "Operations share a function."
  }
}

run "shared_gives_all_operations_the_router" {
  command = plan

  variables {
    integration_pattern = "shared"
  }

  assert {
    condition     = alltrue([for operation in values(local.outputs) : operation.function_name == output.router.function_name])
    error_message = "An operation has a function of its own."
  }
}

run "names_stay_within_64_characters" {
  command = plan

  variables {
    name = "an-environment-of-a-long-name-with-an-api-of-a-long-name"
  }

  assert {
    condition     = alltrue([for operation in values(local.outputs) : length(operation.function_name) <= 64 && length(operation.role_name) <= 64])
    error_message = "A name is longer than AWS takes."
  }

  assert {
    condition     = length(distinct([for operation in values(local.outputs) : operation.function_name])) == length(local.metadata.operations)
    error_message = "Operations share a name."
  }
}

run "a_rollout_is_told_to_what_moves_it" {
  command = plan

  variables {
    alarms            = true
    function_defaults = { rollout = "Canary10Percent5Minutes" }
  }

  assert {
    condition     = alltrue([for operation in values(local.outputs) : output.api.rollout.functions[operation.function_name] == "Canary10Percent5Minutes"])
    error_message = "A function has no rollout."
  }

  assert {
    condition     = length(output.api.rollout.alarms) > 0
    error_message = "Nothing stops a rollout."
  }

  assert {
    condition     = alltrue([for name in output.api.rollout.alarms : !endswith(name, "-throttles")])
    error_message = "A caller above the limit stops a rollout."
  }
}

run "create_false_makes_nothing" {
  command = plan

  variables {
    create = false
  }

  assert {
    condition     = output.api.id == null && alltrue([for operation in values(local.outputs) : operation.function_name == null])
    error_message = "Something is made."
  }
}

run "refuses_an_unknown_operation" {
  command = plan

  variables {
    operations = { no_such_operation = { memory_size = 1024 } }
  }

  expect_failures = [var.operations]
}

run "refuses_an_unknown_option" {
  command = plan

  variables {
    operations = { for name in keys(jsondecode(file("operations.gen.json")).operations) : name => { memory = 1024 } }
  }

  expect_failures = [var.operations]
}

run "refuses_options_of_a_function_beside_an_integration" {
  command = plan

  variables {
    operations = {
      for name in keys(jsondecode(file("operations.gen.json")).operations) :
      name => { memory_size = 1024, integration = { uri = "https://example.com" } }
    }
  }

  expect_failures = [var.operations]
}

run "refuses_options_of_single_functions_where_there_is_one" {
  command = plan

  variables {
    integration_pattern = "shared"
    operations          = { for name in keys(jsondecode(file("operations.gen.json")).operations) : name => { memory_size = 1024 } }
  }

  expect_failures = [var.operations]
}

run "refuses_an_unknown_auth_of_an_operation" {
  command = plan

  variables {
    operations = { for name in keys(jsondecode(file("operations.gen.json")).operations) : name => { auth = "Basic" } }
  }

  expect_failures = [var.operations]
}

run "refuses_an_unknown_default_of_functions" {
  command = plan

  variables {
    function_defaults = { memory = 1024 }
  }

  expect_failures = [var.function_defaults]
}

run "refuses_an_unknown_pattern_and_auth" {
  command = plan

  variables {
    integration_pattern = "single"
    auth                = "Basic"
  }

  expect_failures = [var.integration_pattern, var.auth]
}

run "refuses_an_api_without_an_address" {
  command = plan

  variables {
    disable_default_endpoint = true
  }

  expect_failures = [var.disable_default_endpoint]
}
