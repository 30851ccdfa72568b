"""Addresses of the pages about policies and about changes of the rules."""

from django.urls import path

from licensing.web import policies, rules_trials

urlpatterns = [
    path("policies", policies.policy_list, name="policies"),
    path("policies/new", policies.new, name="policy-new"),
    path("policies/<slug:public_id>", policies.policy, name="policy"),
    path("policies/<slug:public_id>/withdraw", policies.withdraw, name="policy-withdraw"),
    path("rules/preview", rules_trials.trial_list, name="rules-trials"),
    path("rules/preview/<slug:public_id>", rules_trials.trial, name="rules-trial"),
    path("rules/preview/<slug:public_id>/stop", rules_trials.stop, name="rules-trial-stop"),
]
