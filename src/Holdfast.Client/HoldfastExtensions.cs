using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>What a product calls: <c>AddHoldfast</c>, <c>MapHoldfast</c>, <c>RequireHoldfast</c>, <c>User.Holdfast()</c>.</summary>
public static class HoldfastExtensions
{
    /// <summary>
    /// Makes Holdfast the way that people sign in: authentication (scheme <c>Holdfast</c>, the default one) and authorization. <see cref="HoldfastOptions"/> come from the configuration section <c>Holdfast</c> and then from
    /// <paramref name="configure"/>; what is wrong with them stops the start with a sentence. Register an <see cref="IHoldfastSessions"/> of your own before or after, where several processes answer for the product.
    /// </summary>
    public static TBuilder AddHoldfast<TBuilder>(this TBuilder builder, Action<HoldfastOptions>? configure = null) where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<HoldfastOptions>().Bind(builder.Configuration.GetSection("Holdfast"), binder => binder.ErrorOnUnknownConfiguration = true).Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HoldfastOptions>, CheckOptions>();
        services.AddDataProtection();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IHoldfastSessions, MemorySessions>();
        services.TryAddSingleton<IHoldfastWebhookLog, MemoryWebhookLog>();
        services.AddSingleton<Provider>().AddSingleton<ReadToken>().AddSingleton<Attempts>().AddSingleton<Vault>().AddSingleton<CheckSession>().AddSingleton<Origin>();
        services.AddSingleton<StartSignIn>().AddSingleton<FinishSignIn>().AddSingleton<SignOut>().AddSingleton<HearOfEnd>();
        services.AddAuthentication(HoldfastHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, HoldfastHandler>(HoldfastHandler.SchemeName, displayName: null, configureOptions: null);
        services.AddAuthorization().AddSingleton<IAuthorizationHandler, RequireProof>();
        return builder;
    }

    /// <summary>
    /// Maps the addresses of sign-in and sign-out: <c>GET /holdfast/sign-in?return=/path</c> (also <c>second_factor=true</c> and <c>max_age=SECONDS</c>), <c>GET /holdfast/callback</c>, <c>POST /holdfast/sign-out</c>, <c>GET /holdfast/signed-out</c>, and
    /// <c>POST /holdfast/session-ended</c>, where Holdfast tells that a session is over.
    /// </summary>
    public static IEndpointConventionBuilder MapHoldfast(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.ServiceProvider.GetRequiredService<Origin>().IsMapped = true;
        return HoldfastEndpoints.Map(endpoints);
    }

    /// <summary>The same as <see cref="RequireHoldfastAttribute"/>, for endpoints.</summary>
    /// <param name="builder">One endpoint, or a group of them.</param>
    /// <param name="secondFactor">A second factor must have been proven in the session; a browser that is remembered for it does not count.</param>
    /// <param name="maxAge">How long ago the last proof may be (with <paramref name="secondFactor"/>: the second factor, when it was asked for): 1 minute to 1 day; null for any time in the session.</param>
    public static TBuilder RequireHoldfast<TBuilder>(this TBuilder builder, bool secondFactor = false, TimeSpan? maxAge = null) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequireHoldfastAttribute { SecondFactor = secondFactor, MaxAge = maxAge });

    /// <summary>Who is signed in by Holdfast; null for everybody else.</summary>
    public static HoldfastPerson? Holdfast(this ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return HoldfastPerson.Of(user);
    }
}
