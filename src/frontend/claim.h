/* claim.h - what a text or document is, by its shape (see input.h for the claims). */
#ifndef FRONTEND_CLAIM_H
#define FRONTEND_CLAIM_H

#include "frontend/input.h"

bool claim_is_kustomization(str path); /* by name: kustomization.yaml, .yml, Kustomization */
/* False when no front end can want the text: a scan for the words that every claim needs. */
bool claim_worth_parsing(str text, str path);

#endif
