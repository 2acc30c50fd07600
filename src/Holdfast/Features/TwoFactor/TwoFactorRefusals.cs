using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

public static class TwoFactorRefusals
{
    public static readonly Refusal EnrolRequired = new("two_factor.enrol_required", 403);
    public static readonly Refusal Off = new("two_factor.off", 409);
    public static readonly Refusal RequiredByRole = new("two_factor.required_by_role", 403);
    public static readonly Refusal NoSuchApp = new("two_factor.app_unknown", 404);
    public static readonly Refusal EnrolmentOver = new("two_factor.enrolment_over", 404);
    public static readonly Refusal WayUnknown = new("two_factor.way_unknown", 400, "method");
    public static readonly Refusal CodeRequired = new("code.required", 400, "code");
    public static readonly Refusal CodeWrong = new("code.wrong", 400, "code");
    public static readonly Refusal CodeUsed = new("code.used", 400, "code");
    public static readonly Refusal RecoveryCodeShape = new("recovery_code.shape", 400, "code");
    public static readonly Refusal RecoveryCodeWrong = new("recovery_code.wrong", 400, "code");
}
