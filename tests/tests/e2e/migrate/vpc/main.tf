terraform {
  required_version = ">= 1.0"
  required_providers {
    null   = { source = "hashicorp/null", version = ">= 1.0" }
    random = { source = "hashicorp/random", version = ">= 2.0" }
    local  = { source = "hashicorp/local" }
  }
  backend "local" {}
}

locals {
  name   = "ex-${basename(path.cwd)}"
  region = "eu-west-1"

  vpc_cidr = "10.0.0.0/16"
  azs      = slice(["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"], 0, 3)

  tags = {
    Example    = local.name
    GithubRepo = "terraform-aws-vpc"
    GithubOrg  = "terraform-aws-modules"
  }
}

module "vpc" {
  source = "./modules/vpc"

  name = local.name
  cidr = local.vpc_cidr

  azs              = local.azs
  private_subnets  = [for k, v in local.azs : cidrsubnet(local.vpc_cidr, 8, k)]
  public_subnets   = [for k, v in local.azs : cidrsubnet(local.vpc_cidr, 8, k + 4)]
  database_subnets = [for k, v in local.azs : cidrsubnet(local.vpc_cidr, 8, k + 8)]

  private_subnet_names  = ["Private Subnet One", "Private Subnet Two"]
  database_subnet_names = ["DB Subnet One"]

  create_database_subnet_group = false
  enable_nat_gateway           = true
  single_nat_gateway           = true
  one_nat_gateway_per_az       = false

  vpc_flow_log_tags = { Name = "vpc-flow-logs" }
  tags              = local.tags
}

output "vpc_id" {
  description = "The ID of the VPC"
  value       = module.vpc.vpc_id
}
output "private_subnets" { value = module.vpc.private_subnets }
output "nat_ids" { value = module.vpc.nat_ids }
output "db_group" { value = module.vpc.database_subnet_group }
output "azs" { value = module.vpc.azs }
