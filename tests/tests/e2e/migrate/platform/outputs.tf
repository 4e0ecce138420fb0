output "addresses" {
  description = "Where each service is."
  value       = { for name, service in module.services : name => service.address }
}

output "gateway" {
  value = one(module.gateway[*].address)
}

output "stores" {
  value = sort(local.all_stores)
}

output "first_service" {
  value = module.services["web"].task.id
}
