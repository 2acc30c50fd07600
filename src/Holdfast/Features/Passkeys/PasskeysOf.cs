using Holdfast.Features.TwoFactor;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>A person's passkeys as a page shows them.</summary>
public sealed record PasskeysOf(HoldfastPage Page, PasskeyList List, Factors Factors);
