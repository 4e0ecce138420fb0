output "vpc_id" {
  description = "The ID of the VPC"
  value       = try(null_resource.this[0].id, null)
}
output "vpc_cidr_block" { value = try(null_resource.this[0].triggers.cidr, null) }
output "private_subnets" { value = null_resource.private[*].id }
output "private_subnets_cidr_blocks" { value = compact(null_resource.private[*].triggers.cidr) }
output "database_subnet_group" { value = try(null_resource.database_group[0].id, null) }
output "nat_ids" { value = null_resource.nat[*].id }
output "azs" { value = var.azs }
output "name" { value = var.name }
output "flow" { value = local.flow_arn }
output "flow2" { value = local.flow_arn2 }
output "natgw_ids" { value = { for k, v in null_resource.nat : k => v.id } }
