using Holdfast.Configuration;
using Holdfast.Web;

namespace Holdfast.Features.ApiKeys;

/// <summary>A program that has run wild slows nobody's sign-in: so many requests with one key.</summary>
public sealed class KeyPace(HoldfastSettings settings, TimeProvider clock) : Pace("api-key", settings.ApiKeys.PerMinute, clock);
