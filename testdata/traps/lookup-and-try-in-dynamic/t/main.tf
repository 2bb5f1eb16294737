variable "disks" { default = [] }
resource "aws_launch_template" "t" {
  dynamic "block_device_mappings" {
    for_each = var.disks
    content {
      device_name = lookup(block_device_mappings.value, "name", null)
      dynamic "ebs" {
        for_each = flatten([lookup(block_device_mappings.value, "ebs", [])])
        content {
          encrypted   = try(ebs.value.encrypted, coalesce(null, false))
          volume_size = lookup(ebs.value, "size", 20)
        }
      }
    }
  }
}
