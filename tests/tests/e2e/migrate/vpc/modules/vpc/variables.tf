variable "create_vpc" {
  description = "Controls if VPC should be created (it affects almost all resources)"
  type        = bool
  default     = true
}
variable "name" {
  type    = string
  default = ""
}
variable "cidr" {
  description = "(Optional) The IPv4 CIDR block"
  type        = string
  default     = "10.0.0.0/16"
  validation {
    condition     = can(cidrnetmask(var.cidr))
    error_message = "Must be a CIDR."
  }
}
variable "secondary_cidr_blocks" {
  type    = list(string)
  default = []
}
variable "azs" {
  type    = list(string)
  default = []
}
variable "public_subnets" {
  type    = list(string)
  default = []
}
variable "private_subnets" {
  type    = list(string)
  default = []
}
variable "database_subnets" {
  type    = list(string)
  default = []
}
variable "private_subnet_names" {
  type    = list(string)
  default = []
}
variable "database_subnet_names" {
  type    = list(string)
  default = []
}
variable "private_subnet_suffix" {
  type    = string
  default = "private"
}
variable "create_database_subnet_group" {
  type    = bool
  default = true
}
variable "enable_nat_gateway" {
  type    = bool
  default = false
}
variable "single_nat_gateway" {
  type    = bool
  default = false
}
variable "one_nat_gateway_per_az" {
  type    = bool
  default = false
}
variable "reuse_nat_ips" {
  type    = bool
  default = false
}
variable "external_nat_ip_ids" {
  type    = list(string)
  default = []
}
variable "private_subnet_tags_per_az" {
  type    = map(map(string))
  default = {}
}
variable "tags" {
  type    = map(string)
  default = {}
}
variable "vpc_tags" {
  type    = map(string)
  default = {}
}
variable "vpc_flow_log_tags" {
  type    = map(string)
  default = {}
}
variable "enable_flow_log" {
  type    = bool
  default = false
}
variable "private_inbound_acl_rules" {
  type = list(map(string))
  default = [
    {
      rule_number = 100
      rule_action = "allow"
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_block  = "0.0.0.0/0"
    },
  ]
}
