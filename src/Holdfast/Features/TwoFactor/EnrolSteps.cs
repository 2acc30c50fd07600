using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>The three steps of the set-up, as two pages show them.</summary>
/// <param name="Here">1 to 3.</param>
public sealed record EnrolSteps(HoldfastPage Page, int Here);
