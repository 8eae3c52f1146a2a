"""The rules beside residency, one a file, listed by hand: a rule that is not listed here does not run."""

from __future__ import annotations

from policies.rule import Rule
from policies.rules import (
    aws_batch_job_definition_images_pinned_by_digest,
    aws_ecr_repository_tags_immutable,
    aws_ecs_task_definition_images_pinned_by_digest,
    aws_eks_cluster_endpoint_not_open,
    aws_elasticache_replication_group_encrypted,
    aws_lambda_function_image_pinned_by_digest,
    aws_provider_has_default_tags,
    aws_resource_tags_keep_defaults,
    aws_s3_bucket_acl_not_public,
    aws_s3_bucket_policy_not_public,
    aws_s3_bucket_policy_tls_only,
    aws_s3_public_access_block_complete,
    aws_s3_replication_names_its_place,
    aws_sagemaker_model_image_pinned_by_digest,
    gcp_cloud_run_images_pinned_by_digest,
    gcp_container_cluster_endpoint_not_open,
    gcp_provider_has_default_labels,
    gcp_storage_bucket_prevents_public_access,
    gcp_storage_grants_not_public,
    kubernetes_object_has_labels,
    kubernetes_pod_images_pinned_by_digest,
)

RULES: tuple[Rule, ...] = (
    aws_batch_job_definition_images_pinned_by_digest.RULE,
    aws_ecr_repository_tags_immutable.RULE,
    aws_ecs_task_definition_images_pinned_by_digest.RULE,
    aws_eks_cluster_endpoint_not_open.RULE,
    aws_elasticache_replication_group_encrypted.RULE,
    aws_lambda_function_image_pinned_by_digest.RULE,
    aws_provider_has_default_tags.RULE,
    aws_resource_tags_keep_defaults.RULE,
    aws_s3_bucket_acl_not_public.RULE,
    aws_s3_bucket_policy_not_public.RULE,
    aws_s3_bucket_policy_tls_only.RULE,
    aws_s3_public_access_block_complete.RULE,
    aws_s3_replication_names_its_place.RULE,
    aws_sagemaker_model_image_pinned_by_digest.RULE,
    gcp_cloud_run_images_pinned_by_digest.RULE,
    gcp_container_cluster_endpoint_not_open.RULE,
    gcp_provider_has_default_labels.RULE,
    gcp_storage_bucket_prevents_public_access.RULE,
    gcp_storage_grants_not_public.RULE,
    kubernetes_object_has_labels.RULE,
    kubernetes_pod_images_pinned_by_digest.RULE,
)
