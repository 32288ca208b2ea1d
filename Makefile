# ContextPilot on Google Cloud, from a clone: each target prints what it runs. docs/deploy.md goes through them in order.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c

ENVIRONMENT ?= staging
TAG         ?= $(shell git rev-parse --short=12 HEAD)

ENVIRONMENTS = infra/terraform/environments
# Each environment has a folder of its own for what Terraform downloads, so that one is never taken for the other.
TERRAFORM    = TF_DATA_DIR=.terraform/$* terraform -chdir=infra/terraform
VARIABLES    = -var-file=environments/$*.tfvars $(patsubst infra/terraform/%,-var-file=%,$(wildcard $(ENVIRONMENTS)/$*.images.tfvars.json))
REGISTRY     = $(shell TF_DATA_DIR=.terraform/$(ENVIRONMENT) terraform -chdir=infra/terraform output -raw image_folder)

.DEFAULT_GOAL := help
.PHONY: help build push deploy dev-full

help: ## what there is to make
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\n      \2/p' Makefile

dev-full: ## runs the whole house in containers, on Google's emulators
	npm run compose -- up

build: ## builds an image a process, with the commit as its tag
	npm run images -- all --tag $(TAG)

push: ## builds them, pushes them to ENVIRONMENT's registry, and notes their digests for its next deployment
	npm run images -- all --tag $(TAG) --registry $(REGISTRY) --push | scripts/node24 scripts/record-digests.ts $(ENVIRONMENTS)/$(ENVIRONMENT).images.tfvars.json

deploy: ## push, then tf-apply-… of ENVIRONMENT (staging unless told)
	$(MAKE) push
	$(MAKE) tf-apply-$(ENVIRONMENT)

tf-prepare-staging: ## makes staging's registry and secrets, which must be there before images and services
tf-prepare-production: ## makes production's
tf-plan-staging: ## shows what Terraform would change in staging, refuses what would lose messages or data, and keeps that plan
tf-plan-production: ## shows it of production
tf-apply-staging: ## plans, asks, and makes what was planned
tf-apply-production: ## likewise; without a terminal it takes CONFIRM=production

TARGETS := staging production
.PHONY: $(TARGETS:%=tf-init-%) $(TARGETS:%=tf-prepare-%) $(TARGETS:%=tf-plan-%) $(TARGETS:%=tf-apply-%)

$(TARGETS:%=tf-init-%): tf-init-%:
	$(TERRAFORM) init -input=false -backend-config=environments/$*.gcs.tfbackend

$(TARGETS:%=tf-prepare-%): tf-prepare-%: tf-init-%
	$(TERRAFORM) plan -input=false -out=$*.tfplan $(VARIABLES) -var=image_tag=none -target=google_artifact_registry_repository.images -target=google_secret_manager_secret.this
	infra/confirm.sh $*
	$(TERRAFORM) apply -input=false $*.tfplan

$(TARGETS:%=tf-plan-%): tf-plan-%: tf-init-%
	$(TERRAFORM) plan -input=false -out=$*.tfplan $(VARIABLES)
	$(TERRAFORM) show -json $*.tfplan | scripts/node24 scripts/check-plan.ts

$(TARGETS:%=tf-apply-%): tf-apply-%: tf-plan-%
	infra/confirm.sh $*
	$(TERRAFORM) apply -input=false $*.tfplan
