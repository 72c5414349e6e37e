plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Outputs and variables that are made from the app stand in *.gen.tf, those of one API beside its module call.
rule "terraform_standard_module_structure" {
  enabled = false
}
