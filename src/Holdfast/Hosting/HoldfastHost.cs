using System.Net;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.Demo;
using Holdfast.Features.DevMail;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Erasure;
using Holdfast.Features.Export;
using Holdfast.Features.ForwardAuth;
using Holdfast.Features.Invitations;
using Holdfast.Features.NotMe;
using Holdfast.Features.OAuth;
using Holdfast.Features.Operator;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.Places;
using Holdfast.Features.Policy;
using Holdfast.Features.Recovery;
using Holdfast.Features.Reporting;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Secure;
using Holdfast.Features.Sessions;
using Holdfast.Features.Setup;
using Holdfast.Features.SignIn;
using Holdfast.Features.SignUp;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Unusual;
using Holdfast.Features.Users;
using Holdfast.Features.Webhooks;
using Holdfast.Features.Workspaces;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Holdfast.Hosting;

/// <summary>The server as a table of contents: settings → services → pipeline → one line per feature.</summary>
public static class HoldfastHost
{
    /// <summary>Builds the server with its database open and migrated. Nothing listens yet.</summary>
    /// <param name="connectors">Systems that are told of deletions, built into the program; told after those of the settings.</param>
    /// <exception cref="SettingsException">A setting, the database or the key file stops the start.</exception>
    public static async Task<WebApplication> Build(HoldfastSettings settings, TimeProvider? clock = null, Action<ILoggingBuilder>? logging = null, IReadOnlyList<IErasureConnector>? connectors = null)
    {
        Runtime.RefuseVulnerable();
        clock ??= TimeProvider.System;
        Sodium.EnsureReady();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production, ApplicationName = typeof(HoldfastHost).Assembly.GetName().Name });
        builder.Configuration.Sources.Clear();
        Logging.Configure(builder.Logging, settings.Telemetry);
        logging?.Invoke(builder.Logging);
        Listen(builder, settings.Server);

        var engine = Engine.Open(settings);
        try
        {
            var announcements = new Announcements(clock);
            var db = new Db(engine, announcements);
            await Migrate.Run(db, clock);
            await CopyToMembers.Missing(db);
            var keys = await OpenKeys.Run(db, settings.Server.KeysPath);
            AddServices(builder.Services, settings, clock, engine, announcements, db, keys);
            await AddPlaces(builder.Services, settings, db);
            foreach (var connector in connectors ?? []) builder.Services.AddSingleton(connector);
            var app = builder.Build();
            // Asked for first, so that the container closes it, and last of all.
            _ = app.Services.GetRequiredService<Engine>();
            Use(app, settings);
            if (!engine.HasOtherNodes) await db.Write(async tx => { await ErasureStepTable.FreeAll(tx); await ExportTable.FreeAll(tx); await DeliveryTable.FreeAll(tx); return Done.It; });
            // A server that died right after a deletion left its journal behind.
            await db.Scrub();
            // Before anybody can sign in: whom an older backup brought back is not there for a moment.
            await app.Services.GetRequiredService<ReplayErasures>().Run(await app.Services.GetRequiredService<ErasedList>().All());
            return app;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    private static void AddServices(IServiceCollection services, HoldfastSettings settings, TimeProvider clock, Engine engine, Announcements announcements, Db db, KeyRing keys)
    {
        services.AddSingleton(settings).AddSingleton(settings.Passwords).AddSingleton(settings.Sessions).AddSingleton(settings.Mail).AddSingleton(settings.Product);
        services.AddSingleton(clock).AddSingleton(_ => engine).AddSingleton(announcements).AddSingleton(db).AddSingleton(keys);
        services.AddSingleton<Words>().AddSingleton<ProblemPage>();

        services.AddSingleton(new SessionCache(announcements, settings.Sessions.CacheSize)).AddSingleton<LastActive>().AddSingleton(new SessionStreams(announcements, settings.Sessions)).AddSingleton<CheckSession>().AddSingleton<WatchSession>().AddSingleton<EndSessions>().AddSingleton<ListSessions>();
        services.AddSingleton<PasswordHasher>().AddSingleton<BreachedPasswords>().AddSingleton<CheckPassword>().AddSingleton<PasswordContexts>().AddSingleton<StrengthPace>().AddSingleton<PasswordLetters>().AddSingleton<ChangePassword>();
        services.AddSingleton<Throttle>().AddSingleton<SignInMetrics>().AddSingleton<RememberBrowser>().AddSingleton<SignIn>().AddSingleton<ProvePassword>().AddSingleton<StepUp>().AddSingleton<KeptForm>();
        services.AddSingleton<IWayToProve, ProveByApp>().AddSingleton<IWayToProve, ProveByPasskey>().AddSingleton<IWayToProve, ProveByRecoveryCode>().AddSingleton<ProveSecondFactor>().AddSingleton<SecondStep>();
        services.AddSingleton<TwoFactorLetters>().AddSingleton<BeginApp>().AddSingleton<ConfirmApp>().AddSingleton<MakeRecoveryCodes>().AddSingleton<ChangeApps>().AddSingleton<TurnOff>().AddSingleton<ForgetBrowsers>();
        services.AddSingleton<SetUp>().AddSingleton<NotMe>().AddSingleton<FindUnusual>().AddSingleton<CloseUnusual>().AddSingleton<SecureAccount>().AddSingleton<ResetPassword>().AddSingleton<MailResetLink>().AddSingleton<RequestRecovery>().AddSingleton<IQuietAnswer, AnswerRecovery>().AddSingleton<AskQuietly>().AddSingleton<AnswerQuietly>().AddSingleton<ChangeProfile>().AddSingleton<OpenAccount>().AddSingleton<SignUpLetters>().AddSingleton<AskToSignUp>().AddSingleton<IQuietAnswer, AnswerSignUp>().AddSingleton<IQuietAnswer, AnswerSignUpAgain>().AddSingleton<ConfirmSignUp>().AddSingleton<InvitationLetters>().AddSingleton<Invite>().AddSingleton<AcceptInvitation>().AddSingleton<EmailChangeLetters>().AddSingleton<AskToChangeEmail>().AddSingleton<ConfirmEmail>().AddSingleton<UndoEmailChange>().AddSingleton<ListActivity>().AddSingleton<SealAudit>().AddSingleton<PruneAudit>().AddSingleton<ExportAudit>().AddSingleton<LivePolicy>();

        services.AddSingleton<WorkspaceLetters>().AddSingleton<RenameWorkspace>().AddSingleton<RequireTwoFactor>().AddSingleton<ChangeRoles>().AddSingleton<LeaveWorkspace>();
        services.AddSingleton<OnceOnly>().AddSingleton<KeyUses>().AddSingleton<KeyPace>().AddSingleton<CheckApiKey>().AddSingleton<ListApiKeys>().AddSingleton<MakeApiKey>().AddSingleton<RevokeApiKey>().AddSingleton<RemindOfKeys>();
        services.AddSingleton<SuspendAccount>();
        services.AddSingleton<UserCursor>().AddSingleton<ListUsers>().AddSingleton<LookAtUser>().AddSingleton<ActOnUser>();
        services.AddSingleton(new RelyingParty(settings.Server)).AddSingleton<PasskeyCeremony>().AddSingleton<PasskeyLetters>().AddSingleton<AcceptPasskey>().AddSingleton<AskForPasskey>().AddSingleton<SignInByPasskey>().AddSingleton<BeginPasskey>().AddSingleton<AddPasskey>().AddSingleton<ChangePasskeys>().AddSingleton<ListPasskeys>();

        services.AddSingleton<DeletionLetters>().AddSingleton<TellMembers>().AddSingleton<ReopenWorkspaces>().AddSingleton<LookAtDeletion>().AddSingleton<ScheduleDeletion>().AddSingleton<KeepAccount>().AddSingleton<DeleteNow>().AddSingleton<RunDeletions>();
        services.AddSingleton<ConnectorHttp>().AddSingleton<Connectors>().AddSingleton<PlanErasure>().AddSingleton<BeginErasure>().AddSingleton<SettleWorkspaces>().AddSingleton<EraseAccount>().AddSingleton<ErasureLetters>().AddSingleton<ErasureProbe>().AddSingleton<RunErasures>().AddSingleton<LookAtErasures>().AddSingleton<ActOnStep>();
        services.AddSingleton(new ErasedList(settings.Deletion.ListPath)).AddSingleton<ReplayErasures>();
        services.AddSingleton<AskForExport>().AddSingleton<LookAtExport>().AddSingleton<MakeExports>().AddSingleton<FetchExport>();

        services.AddSingleton<ResetCaseLetters>().AddSingleton<CloseCase>().AddSingleton<RequestReset>().AddSingleton<DecideReset>().AddSingleton<StopReset>().AddSingleton<LookAtCases>().AddSingleton<RunResetCases>().AddSingleton<LookAtServer>();

        services.AddSingleton<OAuthClients>().AddSingleton<AuthenticateClient>().AddSingleton<SigningKeys>().AddSingleton<ProofMark>().AddSingleton<OAuthWords>().AddSingleton<ReadAuthorize>().AddSingleton<AuthorizeFlow>().AddSingleton<IssueCode>();
        services.AddSingleton<LiveSession>().AddSingleton<ExchangeCode>().AddSingleton<RefreshTokens>().AddSingleton<Cors>().AddSingleton<ReadSignOut>().AddSingleton<SendLogouts>().AddSingleton<RegisterClient>().AddSingleton<ChangeClient>().AddSingleton<ListGrants>().AddSingleton<RevokeGrant>().AddSingleton<RevokeMemberGrant>();

        services.AddSingleton<WebhookHttp>().AddSingleton<WebhookLetters>().AddSingleton<SendEvents>().AddSingleton<RegisterWebhook>().AddSingleton<ChangeWebhook>().AddSingleton<SendAgain>();
        services.AddSingleton<FoldReports>().AddSingleton<LookAtReporting>().AddSingleton<ListArrivals>().AddSingleton<ReportFiles>();

        services.AddSingleton<Mailbox>().AddSingleton<SendLetters>();
        if (settings.Mail.Host is null) services.AddSingleton<IMailTransport>(s => s.GetRequiredService<Mailbox>());
        else services.AddSingleton<IMailTransport, SmtpTransport>();

        services.AddSingleton<Metrics>();
        services.AddHostedService<Background>();
        services.AddHostedService<Exporters>();
        services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddOpenApi("v1", ApiDescription.Configure);
        services.AddRazorPages(options => options.RootDirectory = "/Features").AddMvcOptions(options => options.Filters.Add(new SayFormExpired()));
        services.AddAntiforgery(options =>
        {
            options.Cookie = new SecureCookie { Name = Cookies.Antiforgery, SameSite = SameSiteMode.Lax, HttpOnly = true, IsEssential = true, Path = "/" };
            options.FormFieldName = OnceOnly.Field;
            options.HeaderName = null;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton<Microsoft.AspNetCore.Antiforgery.IAntiforgeryAdditionalDataProvider, BindFormToSession>();
        // The framework would write its own keys to a home folder: ours seal instead.
        services.RemoveAll<IDataProtectionProvider>();
        services.AddSingleton<IDataProtectionProvider>(new KeyRingProtection(keys));
        foreach (var own in services.Where(s => s.ImplementationType?.Name == "DataProtectionHostedService").ToList()) services.Remove(own);
        // Razor Pages bring the framework's authentication, and with it two middlewares on every request that find nothing to do: who may come in is Gate's to say.
        services.RemoveAll<IAuthenticationSchemeProvider>().RemoveAll<IAuthorizationHandlerProvider>();
    }

    private static async Task AddPlaces(IServiceCollection services, HoldfastSettings settings, Db db)
    {
        var file = PlaceFile.Open(settings);
        if (await db.Read(DemoPlaces.AreShown)) file.Show(DemoPlaces.Load());
        services.AddSingleton(_ => file).AddSingleton<FindPlace>().AddSingleton<WatchPlaces>();
    }

    private static void Use(WebApplication app, HoldfastSettings settings)
    {
        if (settings.Server.KnownProxies.Count + settings.Server.KnownNetworks.Count > 0)
        {
            KnownProxy.Use(app, settings.Server);
            app.UseForwardedHeaders(Forwarded(settings.Server));
        }
        app.Use((context, next) =>
        {
            SecurityHeaders.Set(context);
            return next(context);
        });
        app.UseMiddleware<Problems>();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SecurityHeaders.OfFile });
        app.UseRouting();
        app.UseMiddleware<Gate>();
        app.UseMiddleware<EnterWorkspace>();
        app.UseMiddleware<OperatorsOnly>();

        app.MapRazorPages();
        SessionsApi.Map(app);
        SessionStreamApi.Map(app);
        ForwardAuthApi.Map(app);
        SignInApi.Map(app);
        SignUpApi.Map(app);
        StepUpApi.Map(app);
        TwoFactorApi.Map(app);
        EmailChangeApi.Map(app);
        InvitationsApi.Map(app);
        PasskeysApi.Map(app);
        ResetCasesApi.Map(app);
        OperatorCasesApi.Map(app);
        DeletionApi.Map(app);
        OperatorErasuresApi.Map(app);
        ExportApi.Map(app);
        PasswordsApi.Map(app);
        RecoveryApi.Map(app);
        NotMeApi.Map(app);
        SecureApi.Map(app);
        UnusualApi.Map(app);
        SetupApi.Map(app);
        AccountsApi.Map(app);
        ActivityApi.Map(app);
        AuditApi.Map(app);
        WorkspacesApi.Map(app);
        UsersApi.Map(app);
        ReportingApi.Map(app);
        ApiKeysApi.Map(app);
        PolicyApi.Map(app);
        DiscoveryApi.Map(app);
        TokenApi.Map(app);
        UserInfoApi.Map(app);
        IntrospectApi.Map(app);
        RevokeApi.Map(app);
        GrantsApi.Map(app);
        ClientsApi.Map(app);
        WebhooksApi.Map(app);
        Brand.Map(app, settings.Product);
        MailboxFrame.Map(app);
        Health.Map(app);
        WellKnown.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new OpenToAllAttribute());

        // The error page is found by routing once more, without what stands before it.
        var again = ((IApplicationBuilder)app).New();
        again.UseRouting();
        again.UseEndpoints(endpoints => endpoints.DataSources.Add(new CompositeEndpointDataSource(((IEndpointRouteBuilder)app).DataSources)));
        app.Services.GetRequiredService<ProblemPage>().Pipeline = again.Build();
    }

    private static void Listen(WebApplicationBuilder builder, ServerSettings server) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Problems.LargestBody;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        if (server.Listen == "localhost" && server.Port != 0) kestrel.ListenLocalhost(server.Port);
        else if (server.Listen == "localhost") kestrel.Listen(IPAddress.Loopback, 0);
        else if (server.Listen == "*") kestrel.ListenAnyIP(server.Port);
        else kestrel.Listen(IPAddress.Parse(server.Listen), server.Port);
    });

    private static ForwardedHeadersOptions Forwarded(ServerSettings server)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = server.ForwardLimit };
        // The framework trusts loopback unasked; we trust whom the settings name.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in server.KnownProxies) options.KnownProxies.Add(proxy);
        foreach (var network in server.KnownNetworks) options.KnownIPNetworks.Add(network);
        return options;
    }
}
