"""The routes of the REST API v1. Nouns are the glossary's."""

from django.urls import include, path, re_path
from drf_spectacular.settings import spectacular_settings
from rest_framework.routers import SimpleRouter

from ingest.api import audits as audit_views
from ingest.api import deposits as deposit_views
from ingest.api import views as ingest_views
from licensing.api import agreements as agreement_views
from licensing.api import authority as authority_views
from licensing.api import eligibility as eligibility_views
from licensing.api import exits as exit_views
from licensing.api import filings as filing_views
from licensing.api import imports as import_views
from licensing.api import kits as kit_views
from licensing.api import linkages as linkage_views
from licensing.api import negotiations as negotiation_views
from licensing.api import notices as notice_views
from licensing.api import offers as offer_views
from licensing.api import outputs as output_views
from licensing.api import papers as paper_views
from licensing.api import policies as policy_views
from licensing.api import provider_terms as provider_terms_views
from licensing.api import requests as request_views
from licensing.api import rules_trials as rules_trial_views
from licensing.api import said as said_views
from licensing.api import signals as signal_views
from licensing.api import sublicences as sublicence_views
from licensing.api import views as licensing_views
from licensing.rules import lifecycle, provider_clauses, terms
from registry.api import accounts as account_views
from registry.api import log as log_views
from registry.api import pages, searching
from registry.api import views as registry_views
from registry.api import webhooks as webhook_views
from registry.api.base import PUBLIC_ID, SLUG, UnknownAddressView

# Here and not in the settings, because it names models' vocabularies: what a list of words is called in the schema.
spectacular_settings.apply_patches(
    {
        "ENUM_NAME_OVERRIDES": {
            "ClaimStatus": "registry.models.ProvenanceClaim.Status",
            "LicensingStatus": [(word.value, word.value) for word in terms.Status],
            "ClaimRelation": "registry.models.ProvenanceClaim.Relation",
            "MatchRelation": "ingest.models.Match.Relation",
            "ContributionRole": "registry.models.Contribution.Role",
            "MemberRole": "registry.models.Membership.Role",
            "OrganisationKind": "registry.models.Organisation.Kind",
            "WorkVisibility": "registry.models.Work.Visibility",
            "WorkKind": "registry.models.Work.Kind",
            "DepositMode": "ingest.models.Deposit.Mode",
            "WorkChange": "registry.models.WorkRevision.Change",
            "DatasetKind": "registry.models.Dataset.Kind",
            "ImportState": "registry.models.Import.State",
            "ImportAction": "registry.models.ImportRow.Action",
            "LinkageState": "registry.models.Linkage.State",
            "JobState": "registry.models.Job.State",
            "ScanState": "ingest.models.Scan.State",
            "OutputCorpusState": "ingest.models.OutputCorpus.State",
            "ClearanceState": "licensing.models.Clearance.State",
            "ReportState": "licensing.models.Report.State",
            "LicenceRequestState": "licensing.models.LicenceRequest.State",
            "SublicenceState": "licensing.models.PassedOn.State",
            "AgreementState": "licensing.models.Agreement.State",
            "NegotiationState": [(word.value, word.value) for word in lifecycle.State],
            "NoticeAsk": "licensing.models.Notice.Ask",
            "NoticeState": "licensing.models.Notice.State",
            "NegotiationMove": [(word.value, word.value) for word in lifecycle.Move],
            "Use": [(word.value, word.value) for word in terms.Use],
            "Purpose": [(word.value, word.value) for word in terms.Purpose],
            "DeclaredPurpose": "licensing.models.UseDeclaration.Purpose",
            "ClausePurpose": [(word.value, word.value) for word in provider_clauses.ClausePurpose],
            "VerdictWord": [(word.value, word.value) for word in terms.Verdict],
            "DeliveryState": "registry.models.Delivery.State",
        }
    }
)

router = SimpleRouter(trailing_slash=False)
router.register("works", registry_views.WorkViewSet, "api-work")
router.register(rf"works/(?P<work>{PUBLIC_ID})/deposits", deposit_views.DepositViewSet, "api-deposit")
router.register("datasets", registry_views.DatasetViewSet, "api-dataset")
router.register(rf"releases/(?P<release>{PUBLIC_ID})/items", registry_views.ItemViewSet, "api-item")
router.register("models", registry_views.AIModelViewSet, "api-model")
router.register("claims", registry_views.ClaimViewSet, "api-claim")
router.register("authorities", authority_views.AuthorityViewSet, "api-authority")
router.register("domains", authority_views.DomainViewSet, "api-domain")
router.register("disputes", authority_views.DisputeViewSet, "api-dispute")
router.register("decisions", authority_views.DecisionViewSet, "api-decision")
router.register("jobs", registry_views.JobViewSet, "api-job")
router.register("scans", ingest_views.ScanViewSet, "api-scan")
router.register(rf"scans/(?P<scan>{PUBLIC_ID})/matches", ingest_views.MatchViewSet, "api-match")
router.register("audits", audit_views.AuditViewSet, "api-audit")
router.register("output-corpora", audit_views.OutputCorpusViewSet, "api-output-corpus")
router.register("clearances", licensing_views.ClearanceViewSet, "api-clearance")
router.register(rf"clearances/(?P<clearance>{PUBLIC_ID})/verdicts", licensing_views.VerdictViewSet, "api-verdict")
router.register("policies", policy_views.PolicyViewSet, "api-policy")
router.register("organisations", account_views.OrganisationViewSet, "api-organisation")
router.register("imports", import_views.ImportViewSet, "api-import")
router.register(rf"imports/(?P<import_id>{PUBLIC_ID})/rows", import_views.ImportRowViewSet, "api-import-row")
router.register("linkages", linkage_views.LinkageViewSet, "api-linkage")
router.register(rf"linkages/(?P<linkage_id>{PUBLIC_ID})/rows", linkage_views.LinkageRowViewSet, "api-linkage-row")
router.register(
    rf"clearances/(?P<clearance>{PUBLIC_ID})/changes", request_views.VerdictChangeViewSet, "api-verdict-change"
)
router.register("licence-requests", request_views.LicenceRequestViewSet, "api-licence-request")
router.register("negotiations", negotiation_views.NegotiationViewSet, "api-negotiation")
router.register(rf"negotiations/(?P<negotiation>{PUBLIC_ID})/steps", negotiation_views.StepViewSet, "api-step")
router.register(
    rf"negotiations/(?P<negotiation>{PUBLIC_ID})/works", negotiation_views.RequestedWorkViewSet, "api-requested-work"
)
router.register(
    rf"negotiations/(?P<negotiation>{PUBLIC_ID})/attachments", negotiation_views.AttachmentViewSet, "api-attachment"
)
router.register("agreements", agreement_views.AgreementViewSet, "api-agreement")
router.register(rf"agreements/(?P<agreement>{PUBLIC_ID})/grants", agreement_views.AgreementGrantViewSet, "api-grant")
router.register("sublicences", sublicence_views.SublicenceViewSet, "api-sublicence")
router.register(
    rf"sublicences/(?P<sublicence>{PUBLIC_ID})/works", sublicence_views.SublicenceWorkViewSet, "api-sublicence-work"
)
router.register("offers", offer_views.OfferViewSet, "api-offer")
router.register("notices", notice_views.NoticeViewSet, "api-notice")
router.register("eligibility", eligibility_views.EligibilityViewSet, "api-eligibility")
router.register("rules-trials", rules_trial_views.RulesTrialViewSet, "api-rules-trial")
router.register("member-exits", exit_views.MemberExitViewSet, "api-member-exit")
router.register("terms-templates", offer_views.TermsTemplateViewSet, "api-terms-template")
router.register("provider-terms", provider_terms_views.ProviderTermsViewSet, "api-provider-terms")
router.register("legal-questions", provider_terms_views.LegalQuestionViewSet, "api-legal-question")
router.register(rf"legal-questions/(?P<question>{SLUG})/opinions", provider_terms_views.OpinionViewSet, "api-opinion")
router.register("use-declarations", output_views.UseDeclarationViewSet, "api-use-declaration")
router.register(rf"datasets/(?P<dataset>{SLUG})/generated", output_views.GeneratedPartViewSet, "api-generated-part")
router.register("observations", signal_views.ObservationViewSet, "api-observation")
router.register("work-addresses", signal_views.WorkAddressViewSet, "api-work-address")
router.register("reports", licensing_views.ReportViewSet, "api-report")
router.register("webhooks", webhook_views.WebhookViewSet, "api-webhook")
router.register(rf"webhooks/(?P<webhook>{PUBLIC_ID})/deliveries", webhook_views.DeliveryViewSet, "api-delivery")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/works/<str:work>/signals", said_views.WorkSignalsView.as_view(), name="api-work-signals"),
    path("v1/works/<str:work>/kit", kit_views.WorkKitView.as_view(), name="api-work-kit"),
    path("v1/holders/<str:holder>/kit", kit_views.HolderKitView.as_view(), name="api-holder-kit"),
    path("v1/class-lists", eligibility_views.ClassListsView.as_view(), name="api-class-lists"),
    path("v1/verify", agreement_views.VerifyView.as_view(), name="api-verify"),
    path("v1/provider-terms/applied", provider_terms_views.AppliedTermsView.as_view(), name="api-terms-applied"),
    path(
        "v1/datasets/<slug:dataset>/contradictions",
        output_views.ContradictionsView.as_view(),
        name="api-contradictions",
    ),
    path("v1/datasets/<slug:dataset>/output-terms", output_views.OutputTermsView.as_view(), name="api-output-terms"),
    path("v1/audits/<str:audit>/certificate.pdf", paper_views.AuditPageView.as_view(), name="api-audit-page"),
    path("v1/audits/<str:audit>/gbt45654", filing_views.SamplingRecordView.as_view(), name="api-audit-record"),
    path("v1/filings/<slug:kind>", filing_views.FilingView.as_view(), name="api-filing"),
    path("v1/account", account_views.AccountView.as_view(), name="api-account"),
    path("v1/explain", licensing_views.ExplainView.as_view(), name="api-explain"),
    path("v1/search", searching.SearchView.as_view(), name="api-search"),
    path("v1/search/suggest", searching.SuggestView.as_view(), name="api-search-suggest"),
    path("v1/log", log_views.LogView.as_view(), name="api-log"),
    path("v1/log/entries/<int:position>", log_views.LogEntryView.as_view(), name="api-log-entry"),
    path("v1/log/consistency", log_views.LogConsistencyView.as_view(), name="api-log-consistency"),
    path("v1/schema", pages.DescriptionView.as_view(), name="api-schema"),
    path("docs", pages.ReferenceView.as_view(url_name="api-schema"), name="api-docs"),
    re_path("", UnknownAddressView.as_view()),
]
