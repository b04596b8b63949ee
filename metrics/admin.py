"""Raw tables for superusers: first and last days of the staff, reviews, and what may be looked at but not changed."""

from django.contrib import admin

from metrics.models import Employment, Note, QaReview, Rating, Scorecard, Target


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Employment)
class EmploymentAdmin(admin.ModelAdmin):
    """First and last days, from which turnover is counted. Accounts themselves are made elsewhere."""

    fields = ["email", "name", "joined_on", "left_on"]
    readonly_fields = ["email", "name"]
    list_display = ["email", "name", "joined_on", "left_on"]
    list_filter = [("left_on", admin.EmptyFieldListFilter)]
    search_fields = ["email", "name"]
    ordering = ["name", "email"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(QaReview)
class QaReviewAdmin(ReadOnly):
    list_display = ["ticket", "reviewed", "reviewer", "score", "reviewed_at"]
    list_select_related = ["ticket", "reviewed", "reviewer"]


@admin.register(Rating)
class RatingAdmin(ReadOnly):
    list_display = ["ticket", "score", "rated_at", "changed_at"]
    list_select_related = ["ticket"]


@admin.register(Target)
class TargetAdmin(ReadOnly):
    list_display = ["key", "sign", "value", "owner_name", "valid_from", "valid_until", "reason"]
    list_select_related = ["owner"]


@admin.register(Scorecard)
class ScorecardAdmin(ReadOnly):
    list_display = ["name", "edition", "starts_at", "ends_at", "published_at", "reason"]


@admin.register(Note)
class NoteAdmin(ReadOnly):
    list_display = ["week", "key", "author", "text", "written_at"]
    list_select_related = ["author"]
