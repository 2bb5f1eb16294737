output "cluster_name" {
  value = module.cluster.name
}

output "workload_roles" {
  description = "Role ARNs that the service accounts carry."
  value       = module.workloads.role_arns
}

output "buckets" {
  value = module.lake.bucket_names
}
