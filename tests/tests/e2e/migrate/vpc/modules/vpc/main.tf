locals {
  len_public_subnets   = max(length(var.public_subnets))
  len_private_subnets  = max(length(var.private_subnets))
  len_database_subnets = max(length(var.database_subnets))

  max_subnet_length = max(
    local.len_private_subnets,
    local.len_public_subnets,
    local.len_database_subnets,
  )

  # Use `local.vpc_id` to give a hint to Terraform that subnets should be deleted before secondary CIDR blocks can be free!
  vpc_id = try(null_resource.cidr_assoc[0].id, null_resource.this[0].id, "")

  create_vpc = var.create_vpc
}

################################################################################
# VPC
################################################################################

resource "null_resource" "this" {
  count = local.create_vpc ? 1 : 0

  triggers = merge(
    { "Name" = var.name, cidr = var.cidr },
    var.tags,
    var.vpc_tags,
  )
}

resource "null_resource" "cidr_assoc" {
  count = local.create_vpc && length(var.secondary_cidr_blocks) > 0 ? length(var.secondary_cidr_blocks) : 0

  triggers = {
    # Do not turn this into `local.vpc_id`
    vpc_id     = null_resource.this[0].id
    cidr_block = element(var.secondary_cidr_blocks, count.index)
  }
}

locals {
  create_public_subnets   = local.create_vpc && local.len_public_subnets > 0
  num_public_route_tables = 1
}

resource "null_resource" "public" {
  count = local.create_public_subnets && (!var.one_nat_gateway_per_az || local.len_public_subnets >= length(var.azs)) ? local.len_public_subnets : 0

  triggers = merge(
    {
      availability_zone = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
      cidr_block        = element(concat(var.public_subnets, [""]), count.index)
      vpc_id            = local.vpc_id
      Name = try(
        var.private_subnet_names[count.index],
        format("${var.name}-public-%s", element(var.azs, count.index))
      )
    },
    var.tags,
    lookup(var.private_subnet_tags_per_az, element(var.azs, count.index), {})
  )
}

resource "null_resource" "private" {
  count = local.create_vpc && local.len_private_subnets > 0 ? local.len_private_subnets : 0

  triggers = merge(
    {
      cidr = var.private_subnets[count.index]
      Name = try(
        var.private_subnet_names[count.index],
        format("${var.name}-${var.private_subnet_suffix}-%s", element(var.azs, count.index))
      )
    },
    { for k, v in var.tags : lower(k) => v if k != "Example" },
  )
}

resource "null_resource" "acl_in" {
  count = length(var.private_inbound_acl_rules)
  triggers = {
    rule_number = var.private_inbound_acl_rules[count.index]["rule_number"]
    icmp        = lookup(var.private_inbound_acl_rules[count.index], "icmp_code", "none")
    from_port   = lookup(var.private_inbound_acl_rules[count.index], "from_port", null)
    cidr        = lookup(var.private_inbound_acl_rules[count.index], "cidr_block", null)
  }
}

resource "null_resource" "database_group" {
  count    = local.create_vpc && local.len_database_subnets > 0 && var.create_database_subnet_group ? 1 : 0
  triggers = { name = lower(coalesce(var.name, "x")) }
}

locals {
  nat_gateway_count = var.single_nat_gateway ? 1 : var.one_nat_gateway_per_az ? length(var.azs) : local.max_subnet_length
  nat_gateway_ips   = var.reuse_nat_ips ? var.external_nat_ip_ids : null_resource.nat_eip[*].id
}

resource "null_resource" "nat_eip" {
  count = local.create_vpc && var.enable_nat_gateway && !var.reuse_nat_ips ? local.nat_gateway_count : 0
  triggers = merge({
    "Name" = format(
      "${var.name}-%s",
      element(var.azs, var.single_nat_gateway ? 0 : count.index),
    )
  }, var.tags)
}

resource "null_resource" "nat" {
  count = local.create_vpc && var.enable_nat_gateway ? local.nat_gateway_count : 0
  triggers = {
    allocation_id = element(
      local.nat_gateway_ips,
      var.single_nat_gateway ? 0 : count.index,
    )
    subnet_id = element(
      null_resource.public[*].id,
      var.single_nat_gateway ? 0 : count.index,
    )
  }
  depends_on = [null_resource.this]
}

locals {
  enable_flow_log = local.create_vpc && var.enable_flow_log
  flow_arn        = local.enable_flow_log ? try(null_resource.flow[0].id, null) : "arn:none"
  flow_arn2       = try(one(null_resource.flow[*].id), null)
}
resource "null_resource" "flow" {
  count    = local.enable_flow_log ? 1 : 0
  triggers = merge(var.tags, var.vpc_flow_log_tags)
}
