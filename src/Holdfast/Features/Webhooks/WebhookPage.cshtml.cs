using Holdfast.Features.Operator;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Holdfast.Features.Webhooks;

/// <summary>One endpoint: to add, to change, to look at what it was told. A signing key is shown once, on the answer to the form that made it.</summary>
public sealed class WebhookPage(RegisterWebhook register, ChangeWebhook change, SendAgain send, Db db, TimeProvider clock, KeptForm kept, OnceOnly once) : OperatorPage
{
    public const string New = "new";

    /// <summary>Deliveries on one page.</summary>
    public const int PageSize = 50;

    /// <summary>Null while it is being added.</summary>
    public WebhookEndpoint? Known { get; private set; }

    public string Address => $"{WebhooksPage.Address}/{Known?.Id ?? New}";

    public RegisteredWebhook? Made { get; private set; }

    public bool IsNew { get; private set; }

    public EndpointForm Form { get; private set; } = new("", "", true, []);

    public IReadOnlyList<EndpointSecretRow> Secrets { get; private set; } = [];

    public IReadOnlyList<Delivery> Deliveries { get; private set; } = [];

    /// <summary>Cursor of the page after; null on the last.</summary>
    public string? Next { get; private set; }

    public Backlog? Backlog { get; private set; }

    public bool FailedOnly { get; private set; }

    public async Task<IActionResult> OnGetAsync(string id, string? before, string? only)
    {
        FailedOnly = only == "failed";
        return await LoadAsync(id, before) is { } refusal ? await RefuseWhole(refusal) : Page();
    }

    public async Task<IActionResult> OnPostAsync(string id, string? name, string? address, string? which, string[]? types)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        Form = new EndpointForm((name ?? "").Trim(), (address ?? "").Trim(), which != "some", [.. types ?? []]);
        if (Known is null)
        {
            if (await once.Refuse(Request) is { } again) return await RefuseWhole(again);
            var made = await register.Run(Form, Actor);
            return made.Ok ? Show(made.Value, isNew: true) : RefusedFor(made.Refusal, kept, "webhook", Address);
        }
        var outcome = await change.Run(id, Form, Actor);
        if (!outcome.Ok) return RefusedFor(outcome.Refusal, kept, "webhook", Address);
        Flash.Set(Response, "webhook_saved", outcome.Value.Name);
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostSecretAsync(string id)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        if (await once.Refuse(Request) is { } again) return await RefuseWhole(again);
        var made = await change.NewSecret(id, Actor);
        return made.Ok ? Show(made.Value, isNew: false) : RefusedFor(made.Refusal, kept, "webhook", Address);
    }

    public Task<IActionResult> OnPostPauseAsync(string id) => DoAsync(id, () => change.Pause(id, Actor), "webhook_paused", To(id));

    public Task<IActionResult> OnPostResumeAsync(string id) => DoAsync(id, () => change.Resume(id, Actor), "webhook_resumed", To(id));

    public Task<IActionResult> OnPostRemoveAsync(string id) => DoAsync(id, () => change.Remove(id, Actor), "webhook_removed", WebhooksPage.Address);

    public Task<IActionResult> OnPostTestAsync(string id) => DoAsync(id, () => send.Test(id, Actor), "webhook_tested", To(id));

    public Task<IActionResult> OnPostAgainAsync(string id, string? delivery) => DoAsync(id, () => send.One(id, delivery ?? "", Actor), "webhook_again", To(id));

    public Task<IActionResult> OnPostFailedAgainAsync(string id) => DoAsync(id, () => send.Failed(id, Actor), "webhook_failed_again", To(id));

    /// <summary>The key was copied, as somebody said; nothing of it is sent back.</summary>
    public IActionResult OnPostSaved(string id) => Redirect(Ids.IsWellFormed(id) ? To(id) : WebhooksPage.Address);

    private OperatorActor Actor => new(Me, Client);

    private static string To(string id) => $"{WebhooksPage.Address}/{id}";

    private async Task<IActionResult> DoAsync<T>(string id, Func<Task<Outcome<T>>> act, string flash, string to)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        if (Known is null) return await RefuseWhole(WebhookRefusals.Unknown);
        var outcome = await act();
        if (!outcome.Ok) return RefusedFor(outcome.Refusal, kept, "webhook", Address);
        Flash.Set(Response, flash, Known.Name);
        return Redirect(to);
    }

    private PageResult Show(RegisteredWebhook made, bool isNew)
    {
        (Made, IsNew) = (made, isNew);
        return Page();
    }

    private async Task<Refusal?> LoadAsync(string id, string? before = null)
    {
        if (id == New) return null;
        if (!Ids.IsWellFormed(id)) return WebhookRefusals.Unknown;
        return await db.Read(async Task<Refusal?> (tx) =>
        {
            if (await WebhookTable.ById(tx, id) is not { } endpoint) return WebhookRefusals.Unknown;
            Known = endpoint;
            Form = new EndpointForm(endpoint.Name, endpoint.Address, endpoint.AllKinds, await WebhookTable.Kinds(tx, id));
            Secrets = await WebhookTable.Secrets(tx, id, clock.GetUtcNow());
            var rows = await DeliveryTable.Of(tx, id, Ids.IsWellFormed(before) ? before : null, FailedOnly, PageSize + 1);
            (Deliveries, Next) = ([.. rows.Take(PageSize)], rows.Count > PageSize ? rows[PageSize - 1].Id : null);
            Backlog = (await DeliveryTable.Backlogs(tx)).FirstOrDefault(b => b.EndpointId == id);
            return null;
        });
    }
}
