resource "aws_s3_bucket" "b" { bucket_prefix = "boot-" }
resource "aws_instance" "a" {
  ami       = "ami-12345678"
  user_data = <<-EOT
    #!/bin/bash
    aws s3 cp s3://${aws_s3_bucket.b.id}/app /opt/app
    curl -fsSL https://get.example.org/${aws_s3_bucket.b.id}/install.sh \
      | sudo -E bash -s -- --yes
    ID=$(curl -s http://169.254.169.254/latest/meta-data/instance-id)
    curl https://keys.example.org/key | apt-key add -
    sh -c "$(curl -fsSL https://get.example.org/x)"
  EOT
}
resource "aws_launch_template" "t" {
  image_id  = "ami-12345678"
  user_data = "IyEvYmluL3NoCmN1cmwgaHR0cHM6Ly9nZXQuZXhhbXBsZS5vcmcvaSB8IHNoCg=="
}
