"""Addresses of members that leave a society, and of works of a class settlement."""

from django.urls import path

from licensing.web import eligibility, exits

urlpatterns = [
    path("eligibility", eligibility.show, name="eligibility"),
    path("exits", exits.exit_list, name="member-exits"),
    path("exits/new", exits.new_exit, name="member-exit-new"),
    path("exits/<slug:public_id>", exits.show_exit, name="member-exit"),
    path("exits/<slug:public_id>/withdraw", exits.withdraw_exit, name="member-exit-withdraw"),
]
