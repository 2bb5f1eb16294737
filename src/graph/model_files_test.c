#include "graph/testing.h"

#include <dirent.h>
#include <unistd.h>

/* The model files of the pack, found from the root of the repository or from where tests are built. */

static const char *const places[] = {"rules/model", "../rules/model", "../../rules/model", "../../../rules/model"};

static const char *find_place(void)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (access(places[i], R_OK) == 0)
            return places[i];
    }
    return NULL;
}

static bool load_file(struct world *w, const char *place, const char *name)
{
    enum source_error error;
    struct documents documents = {0};
    const struct source *s = source_open(w->sources, arena_printf(w->arena, "%s/%s", place, name), STR_NONE, &error);
    assert_non_null(s);
    yaml_read(s, w->arena, &w->diags, &documents);
    bool good = documents.n > 0;
    for (size_t i = 0; i < documents.n; i++)
        good = model_add(w->model, &documents.at[i], &w->diags) && good;
    return good;
}

/* References between files are checked when the whole pack is opened. */
static void test_model_files__each_is_right_by_itself(void **state)
{
    (void)state;
    const char *place = find_place();
    DIR *dir = place ? opendir(place) : NULL;
    if (!dir) {
        print_message("skipped: no rules/model\n");
        return;
    }
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (!str_ends(str_of(e->d_name), STR(".yaml")))
            continue;
        struct world w = world_new();
        load_file(&w, place, e->d_name);
        model_finish(w.model, &w.diags);
        bool bad = false;
        for (size_t i = 0; i < w.diags.n; i++)
            bad = bad || !str_contains(w.diags.at[i].message, STR("there is no kind"));
        if (bad) {
            print_diags(&w);
            fail_msg("%s", e->d_name);
        }
        world_free(&w);
    }
    closedir(dir);
}

struct part {
    const char *type, *address, *raw;
};

struct twin {
    const char *file;
    struct part terraform[4], cloudformation[4];
    const char *path, *want;
};

#define POLICY "{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\"}]}"

/* Written in two formats, in one or in several resources: the same attribute of the first resource. */
static const struct twin twins[] = {
    {"s3.yaml",
     {{"aws_s3_bucket", "aws_s3_bucket.b", "{\"bucket\": \"n\"}"},
      {"aws_s3_bucket_server_side_encryption_configuration", "e.e",
       "{\"bucket\": {\"$ref\": \"aws_s3_bucket.b.id\"}, \"rule\": [{\"bucket_key_enabled\": true,"
       " \"apply_server_side_encryption_by_default\": [{\"sse_algorithm\": \"aws:kms\", \"kms_master_key_id\": "
       "\"k\"}]}]}"}},
     {{"AWS::S3::Bucket", "B",
       "{\"BucketName\": \"n\", \"BucketEncryption\": {\"ServerSideEncryptionConfiguration\": [{\"BucketKeyEnabled\": "
       "true,"
       " \"ServerSideEncryptionByDefault\": {\"SSEAlgorithm\": \"aws:kms\", \"KMSMasterKeyID\": \"k\"}}]}}"}},
     "encryption",
     "{\"algorithm\":\"aws:kms\",\"kms_key_id\":\"k\",\"bucket_key_enabled\":true,\"configured\":true}"},
    {"s3.yaml",
     {{"aws_s3_bucket", "aws_s3_bucket.b", "{}"}},
     {{"AWS::S3::Bucket", "B", "{}"}},
     "encryption",
     "{\"algorithm\":\"AES256\",\"configured\":false}"},
    {"s3.yaml",
     {{"aws_s3_bucket", "aws_s3_bucket.b", "{}"},
      {"aws_s3_bucket_versioning", "v.v",
       "{\"bucket\": {\"$ref\": \"aws_s3_bucket.b.id\"}, \"versioning_configuration\": [{\"status\": \"Enabled\"}]}"}},
     {{"AWS::S3::Bucket", "B", "{\"VersioningConfiguration\": {\"Status\": \"Enabled\"}}"}},
     "versioning",
     "{\"status\":\"Enabled\",\"enabled\":true,\"mfa_delete\":false}"},
    {"s3.yaml",
     {{"aws_s3_bucket", "aws_s3_bucket.b", "{\"bucket\": \"n\"}"},
      {"aws_s3_bucket_policy", "p.p", "{\"bucket\": \"n\", \"policy\": \"" POLICY "\"}"}},
     {{"AWS::S3::Bucket", "B", "{\"BucketName\": \"n\"}"},
      {"AWS::S3::BucketPolicy", "P",
       "{\"Bucket\": {\"$ref\": \"B\"}, \"PolicyDocument\": {\"Statement\": [{\"Effect\": \"Deny\"}]}}"}},
     "policy",
     "{\"Statement\":[{\"Effect\":\"Deny\"}]}"},
    {"s3.yaml",
     {{"aws_s3_bucket", "aws_s3_bucket.b", "{}"},
      {"aws_s3_bucket_public_access_block", "p.p",
       "{\"bucket\": {\"$ref\": \"aws_s3_bucket.b.id\"}, \"block_public_acls\": true}"}},
     {{"AWS::S3::Bucket", "B", "{\"PublicAccessBlockConfiguration\": {\"BlockPublicAcls\": \"true\"}}"}},
     "public_access_block",
     "{\"block_public_acls\":true,\"block_public_policy\":false,\"ignore_public_acls\":false,\"restrict_public_"
     "buckets\":false}"},
    {"s3.yaml",
     {{"aws_s3_bucket", "aws_s3_bucket.b", "{}"}},
     {{"AWS::S3::Bucket", "B", "{}"}},
     "public_access_block",
     ""},
    {"s3.yaml",
     {{"aws_s3_bucket", "aws_s3_bucket.b", "{}"},
      {"aws_s3_bucket_lifecycle_configuration", "l.l",
       "{\"bucket\": {\"$ref\": \"aws_s3_bucket.b.id\"}, \"rule\": [{\"id\": \"r\", \"status\": \"Enabled\","
       " \"expiration\": [{\"days\": 30}]}]}"}},
     {{"AWS::S3::Bucket", "B",
       "{\"LifecycleConfiguration\": {\"Rules\": [{\"Id\": \"r\", \"Status\": \"Enabled\", \"ExpirationInDays\": "
       "30}]}}"}},
     "lifecycle.rules",
     "[{\"id\":\"r\",\"enabled\":true,\"expiration_days\":30}]"},
    {"rds.yaml",
     {{"aws_db_instance", "aws_db_instance.d", "{\"iam_database_authentication_enabled\": true}"}},
     {{"AWS::RDS::DBInstance", "D", "{\"EnableIAMDatabaseAuthentication\": true}"}},
     "iam_authentication",
     "true"},
    {"rds.yaml",
     {{"aws_db_instance", "aws_db_instance.d", "{}"}},
     {{"AWS::RDS::DBInstance", "D", "{\"StorageEncrypted\": \"false\"}"}},
     "storage_encrypted",
     "false"},
    {"rds.yaml",
     {{"aws_db_parameter_group", "aws_db_parameter_group.p",
       "{\"parameter\": [{\"name\": \"rds.force_ssl\", \"value\": \"1\"}]}"}},
     {{"AWS::RDS::DBParameterGroup", "P", "{\"Parameters\": {\"rds.force_ssl\": \"1\"}}"}},
     "parameters",
     "{\"rds.force_ssl\":\"1\"}"},
    {"ec2-network.yaml",
     {{"aws_security_group", "aws_security_group.g", "{}"},
      {"aws_security_group_rule", "r.r",
       "{\"type\": \"ingress\", \"security_group_id\": {\"$ref\": \"aws_security_group.g.id\"}, \"from_port\": 22,"
       " \"cidr_blocks\": [\"0.0.0.0/0\"]}"}},
     {{"AWS::EC2::SecurityGroup", "G",
       "{\"SecurityGroupIngress\": [{\"FromPort\": \"22\", \"CidrIp\": \"0.0.0.0/0\"}]}"}},
     "ingress.from_port",
     "22"},
    {"ec2-network.yaml",
     {{"aws_security_group", "aws_security_group.g", "{}"},
      {"aws_vpc_security_group_ingress_rule", "r.r",
       "{\"security_group_id\": {\"$ref\": \"aws_security_group.g.id\"}, \"cidr_ipv4\": \"10.0.0.0/8\"}"}},
     {{"AWS::EC2::SecurityGroup", "G", "{}"},
      {"AWS::EC2::SecurityGroupIngress", "R", "{\"GroupId\": {\"$ref\": \"G.GroupId\"}, \"CidrIp\": \"10.0.0.0/8\"}"}},
     "ingress.cidr_blocks",
     "[\"10.0.0.0/8\"]"},
    {"ec2-network.yaml",
     {{"aws_route_table", "aws_route_table.t",
       "{\"route\": [{\"cidr_block\": \"0.0.0.0/0\", \"gateway_id\": \"igw\"}]}"}},
     {{"AWS::EC2::RouteTable", "T", "{}"},
      {"AWS::EC2::Route", "R",
       "{\"RouteTableId\": {\"$ref\": \"T\"}, \"DestinationCidrBlock\": \"0.0.0.0/0\", \"GatewayId\": \"igw\"}"}},
     "routes",
     "[{\"cidr\":\"0.0.0.0/0\",\"gateway\":\"igw\"}]"},
};

static void check_one(const struct twin *t, const struct part *parts, const char *place)
{
    struct world w = world_new();
    assert_true(load_file(&w, place, t->file));
    struct graph_builder *b = graph_unit_begin(w.graph, STR("u"), STR("t"), 0, w.sources, &w.diags);
    for (size_t i = 0; i < 4 && parts[i].type; i++)
        graph_add(b, str_of(parts[i].type), str_of(parts[i].address))->raw = value_from_json(&w, parts[i].raw);
    graph_link(w.graph, w.model, w.sources, 1, &w.diags);
    const struct value *v = value_path(graph_at(w.graph, 0)->attributes, str_of(t->path));
    str got = v ? json_of(&w, v) : STR_NONE;
    if (!str_eq_c(got, t->want))
        fail_msg("%s, %s: got " STR_FMT "\nwant %s", parts[0].type, t->path, STR_ARG(got), t->want);
    print_diags(&w);
    assert_int_equal(w.diags.n, 0);
    world_free(&w);
}

static void test_model_files__formats_agree(void **state)
{
    (void)state;
    const char *place = find_place();
    if (!place) {
        print_message("skipped: no rules/model\n");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(twins); i++) {
        check_one(&twins[i], twins[i].terraform, place);
        check_one(&twins[i], twins[i].cloudformation, place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model_files__formats_agree),
        /* Last, when every name is interned: nothing else may be left. */
        cmocka_unit_test(test_model_files__each_is_right_by_itself),
        TEST(test_model_files__each_is_right_by_itself),
    };
    int failed = cmocka_run_group_tests_name("model_files", tests, NULL, NULL);
    intern_release();
    return failed;
}
