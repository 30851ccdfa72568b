"""Addresses of the pages about signals, where works stand, and the files for publishers' own sites."""

from django.urls import path, re_path

from licensing.web import signals, signals_kit

urlpatterns = [
    path("signals", signals.signal_list, name="signals"),
    path("signals/new", signals.hand_in, name="signal-new"),
    path("signals/read", signals.read_site, name="signal-read"),
    path("signals/crawl", signals.crawl, name="signal-crawl"),
    path("signals/<slug:public_id>", signals.observation, name="signal"),
    path("signals/<slug:public_id>/raw", signals.raw, name="signal-raw"),
    path("works/<slug:public_id>/signals", signals.work_signals, name="work-signals"),
    path("works/<slug:public_id>/addresses/<slug:address>/withdraw", signals.take_back, name="address-withdraw"),
    path("works/<slug:public_id>/kit", signals_kit.work_kit, name="work-kit"),
    path("works/<slug:public_id>/kit.zip", signals_kit.work_zip, name="work-kit-zip"),
    re_path(r"^works/(?P<public_id>[-\w]+)/kit/(?P<name>[a-z.-]+)$", signals_kit.work_file, name="work-kit-file"),
    path("holders/<slug:public_id>/kit", signals_kit.holder_kit, name="holder-kit"),
    path("holders/<slug:public_id>/kit.zip", signals_kit.holder_zip, name="holder-kit-zip"),
    path(".well-known/tdmrep.json", signals_kit.own_tdmrep, name="own-tdmrep"),
    path("license.xml", signals_kit.own_licence, name="own-licence"),
    path("robots.txt", signals_kit.own_robots, name="own-robots"),
]
