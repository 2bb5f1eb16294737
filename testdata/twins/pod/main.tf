resource "kubernetes_deployment_v1" "intake" {
  metadata {
    name      = "intake"
    namespace = "clinic"
  }
  spec {
    replicas = 2
    selector { match_labels = { app = "intake" } }
    template {
      metadata { labels = { app = "intake" } }
      spec {
        automount_service_account_token = true
        host_network                    = true
        security_context { run_as_non_root = true }
        container {
          name  = "app"
          image = "registry.example.org/intake:1.4"
          port { container_port = 8080 }
          env {
            name  = "DB_PASSWORD"
            value = "Zk82hq0LmW"
          }
          security_context {
            run_as_non_root            = false
            privileged                 = true
            allow_privilege_escalation = true
          }
          resources { limits = { memory = "256Mi" } }
        }
        container {
          name  = "side"
          image = "registry.example.org/side:latest"
          security_context {
            read_only_root_filesystem  = true
            allow_privilege_escalation = false
            capabilities { drop = ["ALL"] }
          }
        }
        volume {
          name = "host"
          host_path { path = "/var/run/docker.sock" }
        }
      }
    }
  }
}
