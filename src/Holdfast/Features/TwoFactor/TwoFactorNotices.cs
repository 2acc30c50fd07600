using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>What there is to do about two-factor, said at the head of a page.</summary>
/// <param name="Here">On the page about two-factor itself.</param>
public sealed record TwoFactorNotices(HoldfastPage Page, Factors Factors, TwoFactorRule TwoFactorRule, bool Here);
