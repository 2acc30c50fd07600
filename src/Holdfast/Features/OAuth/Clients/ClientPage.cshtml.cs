using Holdfast.Features.Operator;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Holdfast.Features.OAuth;

/// <summary>One application: to register, to change, to look at. A secret is shown once, on the answer to the form that made it.</summary>
public sealed class ClientPage(OAuthClients clients, RegisterClient register, ChangeClient change, Db db, TimeProvider clock, OAuthWords words, KeptForm kept, OnceOnly once) : OperatorPage
{
    public const string New = "new";

    /// <summary>Null while it is being registered.</summary>
    public OAuthClient? Known { get; private set; }

    public string Address => $"{ClientsPage.Address}/{Known?.Id ?? New}";

    public RegisteredClient? Made { get; private set; }

    public bool IsNew { get; private set; }

    public ClientForm Form { get; private set; } = new("", "", false, true, [], [], [Scope.OpenId, Scope.Profile], [], false, null);

    public IReadOnlyList<ClientSecretRow> Secrets { get; private set; } = [];

    public IReadOnlyList<string> AllScopes => Settings.OAuth.AllScopes;

    public string Say(string scope) => words.Consent(scope, firstParty: false, T).Words;

    public async Task<IActionResult> OnGetAsync(string id) => await LoadAsync(id) is { } refusal ? await RefuseWhole(refusal) : Page();

    public async Task<IActionResult> OnPostAsync(string id, string? name, string? maker, string? own, string? runs, string? redirects, string? signOuts, string[]? scopes, string? resources, string? logoutAddress, bool secondFactor)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        Form = new ClientForm((name ?? "").Trim(), (maker ?? "").Trim(), own == "ours", runs != "device", Lines(redirects), Lines(signOuts), [.. scopes ?? []], Lines(resources), secondFactor, logoutAddress?.Trim());
        if (Known is null)
        {
            if (await once.Refuse(Request) is { } again) return await RefuseWhole(again);
            var made = await register.Run(Form, Actor);
            if (!made.Ok) return RefusedFor(made.Refusal, kept, "client", Address);
            return Show(made.Value, isNew: true);
        }
        var outcome = await change.Run(id, Form, Actor);
        if (!outcome.Ok) return RefusedFor(outcome.Refusal, kept, "client", Address);
        Flash.Set(Response, "client_saved", outcome.Value.Name);
        return Redirect(ClientsPage.Address);
    }

    public async Task<IActionResult> OnPostSecretAsync(string id)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        if (await once.Refuse(Request) is { } again) return await RefuseWhole(again);
        var made = await change.NewSecret(id, Actor);
        return made.Ok ? Show(made.Value, isNew: false) : RefusedFor(made.Refusal, kept, "client", Address);
    }

    public Task<IActionResult> OnPostDisableAsync(string id) => DoAsync(id, () => change.Disable(id, Actor), "client_disabled");

    public Task<IActionResult> OnPostEnableAsync(string id) => DoAsync(id, () => change.Enable(id, Actor), "client_enabled");

    public Task<IActionResult> OnPostDeleteAsync(string id) => DoAsync(id, () => change.Delete(id, Actor), "client_deleted");

    /// <summary>The secret was copied, as somebody said; nothing of it is sent back.</summary>
    public IActionResult OnPostSaved(string id) => Redirect(ClientsPage.Address);

    private OperatorActor Actor => new(Me, Client);

    private async Task<IActionResult> DoAsync(string id, Func<Task<Outcome<OAuthClient>>> act, string flash)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        var outcome = await act();
        if (!outcome.Ok) return RefusedFor(outcome.Refusal, kept, "client", Address);
        Flash.Set(Response, flash, outcome.Value.Name);
        return Redirect(ClientsPage.Address);
    }

    private PageResult Show(RegisteredClient made, bool isNew)
    {
        (Made, IsNew) = (made, isNew);
        return Page();
    }

    private async Task<Refusal?> LoadAsync(string id)
    {
        if (id == New) return null;
        if (await clients.Find(id) is not { } client) return ClientRefusals.Unknown;
        Known = client;
        Secrets = client.IsFromSettings ? [] : await db.Read(tx => ClientTable.Secrets(tx, id, clock.GetUtcNow()));
        Form = new ClientForm(client.Name, client.Maker, client.FirstParty, client.Confidential, client.RedirectList, client.SignOutList, client.ScopeList, client.ResourceList, client.SecondFactor, client.LogoutAddress);
        return null;
    }

    private static string[] Lines(string? text) => (text ?? "").Split(['\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
