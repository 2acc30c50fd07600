using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.ApiKeys;

/// <summary>The keys of a workspace's programs.</summary>
[InWorkspace(Permission.ApiKeysManage)]
public sealed class ApiKeysPage(ListApiKeys list) : WorkspacePage
{
    public IReadOnlyList<ListedKey> Keys { get; private set; } = [];

    /// <summary>An end that is this near is worth a look.</summary>
    public bool EndsSoon(ApiKey key) => key.EndsAt is { } end && end - Now < TimeSpan.FromDays(14);

    public async Task OnGetAsync() => Keys = await list.Run(Actor);
}

/// <summary>Makes a key. It is shown once, on the answer to the form that made it.</summary>
[InWorkspace(Permission.ApiKeysManage)]
public sealed class NewApiKeyPage(MakeApiKey make, KeptForm kept, OnceOnly once) : WorkspacePage
{
    public const int NoEnd = 0;

    public string Name { get; private set; } = "";

    public IReadOnlyList<string> Chosen { get; private set; } = [];

    public int Days { get; private set; }

    public MadeApiKey? Made { get; private set; }

    public string Address => $"{Base}/api-keys/new";

    /// <summary>What the settings allow of the usual lengths; 0 is no end.</summary>
    public IReadOnlyList<int> Choices => Settings.ApiKeys.Longest is { TotalDays: var longest } ? [.. new[] { 30, 90, 365, (int)longest }.Where(days => days <= longest).Distinct().Order()] : [30, 90, 365, NoEnd];

    public bool MayGive(string scope) => Actor.May(ApiScope.PermissionFor(scope));

    public void OnGet() => Days = Choices.Contains(90) ? 90 : Choices[^1];

    public async Task<IActionResult> OnPostAsync(string? name, string[]? scopes, int days)
    {
        (Name, Chosen, Days) = (name ?? "", [.. (scopes ?? []).OfType<string>()], days);
        if (await once.Refuse(Request) is { } again) return await RefuseWhole(again);
        var outcome = await make.Run(Actor, new ApiKeyForm(Name, Chosen, days == NoEnd ? null : days), Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "make_api_key", Address, () => Task.CompletedTask);
        Made = outcome.Value;
        return Page();
    }

    /// <summary>The key was copied, as somebody said; nothing of it is sent back.</summary>
    public IActionResult OnPostSaved() => Redirect($"{Base}/api-keys");
}

/// <summary>Asks once more before a program loses its key.</summary>
[InWorkspace(Permission.ApiKeysManage)]
public sealed class RevokeApiKeyPage(ListApiKeys list, RevokeApiKey revoke, KeptForm kept) : WorkspacePage
{
    public ListedKey Listed { get; private set; } = null!;

    public string Address => $"{Base}/api-keys/{Listed.Key.Id}/revoke";

    public async Task<IActionResult> OnGetAsync(string key)
    {
        if (await list.One(Actor, key) is not { } listed) return await RefuseWhole(ApiKeyRefusals.NotFound);
        Listed = listed;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string key)
    {
        if (await list.One(Actor, key) is not { } listed) return await RefuseWhole(ApiKeyRefusals.NotFound);
        Listed = listed;
        var outcome = await revoke.Run(Actor, key, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "revoke_api_key", Address, () => Task.CompletedTask);
        Flash.Set(Response, "api_key_revoked", listed.Key.Name);
        return Redirect($"{Base}/api-keys");
    }
}
