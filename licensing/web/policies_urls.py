"""Addresses of the pages about policies and about changes of the rules."""

from django.urls import path

from licensing.web import policies

urlpatterns = [
    path("policies", policies.policy_list, name="policies"),
    path("policies/new", policies.new, name="policy-new"),
    path("policies/<slug:public_id>", policies.policy, name="policy"),
    path("policies/<slug:public_id>/withdraw", policies.withdraw, name="policy-withdraw"),
]
