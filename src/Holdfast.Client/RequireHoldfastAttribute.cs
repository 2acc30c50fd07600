using Microsoft.AspNetCore.Authorization;

namespace Holdfast.Client;

/// <summary>
/// Lets in whoever is signed in by Holdfast, with the proof that is asked for; sends everybody else to Holdfast for it and back (page loads), or answers 401 (everything else). On controllers, Razor pages, hubs and endpoints;
/// for endpoints there is also <c>RequireHoldfast()</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class RequireHoldfastAttribute : AuthorizeAttribute, IAuthorizationRequirementData
{
    /// <summary>Asks for sign-in by Holdfast.</summary>
    public RequireHoldfastAttribute() => AuthenticationSchemes = HoldfastHandler.SchemeName;

    /// <summary>A second factor (a code or a passkey) must have been proven in the session; a browser that is remembered for it does not count. False by default.</summary>
    public bool SecondFactor { get; set; }

    /// <summary>Minutes since the last proof of who they are, 1 to 1440; 0, the default, for any time. With <see cref="SecondFactor"/>, the second factor was asked for at most as long ago.</summary>
    public int MaxAgeMinutes { get => (int)(MaxAge ?? TimeSpan.Zero).TotalMinutes; set => MaxAge = value == 0 ? null : TimeSpan.FromMinutes(value); }

    internal TimeSpan? MaxAge
    {
        get;
        set
        {
            if (value is { } age && (age < TimeSpan.FromMinutes(1) || age > TimeSpan.FromDays(1))) throw new ArgumentOutOfRangeException(nameof(value), value, "The age of a proof is 1 minute to 1 day");
            field = value;
        }
    }

    internal Demand Demand => new(SecondFactor, MaxAge);

    /// <inheritdoc/>
    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [new ProofRequirement(Demand)];
}

internal sealed record ProofRequirement(Demand Demand) : IAuthorizationRequirement;

internal sealed class RequireProof(TimeProvider clock) : AuthorizationHandler<ProofRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ProofRequirement requirement)
    {
        if (context.User.Identities.Any(i => i.IsAuthenticated && i.AuthenticationType == HoldfastHandler.SchemeName) && requirement.Demand.IsMetBy(context.User, clock.GetUtcNow())) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
