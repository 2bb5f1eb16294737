/* real.h - the few functions of real numbers that expressions have, so that no run loads a library for them. */
#ifndef FRONTEND_TERRAFORM_REAL_H
#define FRONTEND_TERRAFORM_REAL_H

double real_log(double x);             /* natural; x >= 0 */
double real_power(double x, double y); /* rounds as the implementation of Terraform does */

#endif
