using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <summary>A deletion as operators see it.</summary>
/// <param name="Steps">All of them, in order.</param>
/// <param name="Tries">Those that failed, newest first.</param>
/// <param name="Email">Null once it is erased.</param>
public sealed record ErasureView(DeletionCase Case, IReadOnlyList<ErasureStep> Steps, IReadOnlyList<ErasureTry> Tries, string? Email)
{
    public IEnumerable<ErasureStep> Shown => Steps.Where(step => step.IsShown);

    /// <summary>The step that everything waits for; null when nothing does.</summary>
    public ErasureStep? Current => Steps.FirstOrDefault(step => step.Phase == ErasurePhase.Erase && step.IsOpen);

    /// <summary>Failing steps that have no place among the systems: one that was to hold, or to go on; the list of erased accounts.</summary>
    public IEnumerable<ErasureStep> Beside => Steps.Where(step => !step.IsShown && step.IsFailing);

    /// <summary>Something does not acknowledge.</summary>
    public bool IsStuck => Steps.Any(step => step.IsFailing);

    /// <summary>Key of the text that says how it stands.</summary>
    public string Standing => Case.State switch
    {
        DeletionState.Grace => IsStuck ? "stuck" : "grace",
        DeletionState.Erasing => IsStuck ? "stuck" : "running",
        DeletionState.Kept when IsStuck => "stuck",
        var over => over,
    };

    public string Tone => Standing switch { "stuck" => "danger", "running" => "accent", "done" => "ok", _ => "" };
}

/// <summary>Deletions for those who run the product.</summary>
public sealed class LookAtErasures(Db db)
{
    public const int MostOpen = 200;

    public const int PageSize = 20;

    private const int MostTries = 50;

    /// <summary>Stuck ones first, then those that run, then those in their days of grace.</summary>
    public Task<IReadOnlyList<ErasureView>> Open() => db.Read<IReadOnlyList<ErasureView>>(async tx =>
    {
        var views = new List<ErasureView>();
        // Failing ones by a look of their own: however many wait, none of these is beyond the end of the list. Kept ones are among them, of which a system does not go on.
        var failing = await DeletionTable.Failing(tx, MostOpen);
        foreach (var open in failing.Concat((await DeletionTable.Open(tx, MostOpen)).ExceptBy(failing.Select(one => one.Id), one => one.Id))) views.Add(await View(tx, open, withTries: false));
        return [.. views.OrderBy(v => v.IsStuck ? 0 : v.Case.State == DeletionState.Erasing ? 1 : 2).ThenBy(v => v.Case.DueAt).ThenBy(v => v.Case.Id, StringComparer.Ordinal)];
    });

    /// <summary>Done ones, newest first.</summary>
    public async Task<(IReadOnlyList<DeletionCase> Items, string? Next)> Done(string? before, int limit = PageSize)
    {
        var rows = await db.Read(tx => DeletionTable.Done(tx, Ids.IsWellFormed(before) ? before : null, limit + 1));
        return ([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].Id : null);
    }

    /// <summary>Refuses with <c>request.not_found</c> (404).</summary>
    public Task<Outcome<ErasureView>> One(string id) => db.Read<Outcome<ErasureView>>(async tx => Ids.IsWellFormed(id) && await DeletionTable.ById(tx, id) is { } found ? await View(tx, found, withTries: true) : ErasureRefusals.NotFound);

    /// <summary>A receipt by its unguessable address; null when there is none.</summary>
    public Task<DeletionCase?> ByReceipt(Secrets.TokenHash receipt) => db.Read(tx => DeletionTable.ByReceipt(tx, receipt));

    private static async Task<ErasureView> View(ReadTx tx, DeletionCase about, bool withTries) => new(about, await ErasureStepTable.Of(tx, about.AccountId, about.Id),
        withTries ? await ErasureStepTable.Tries(tx, about.AccountId, about.Id, MostTries) : [], about.State == DeletionState.Done ? null : (await AccountTable.ById(tx, about.AccountId))?.Email);
}

public static class ErasureRefusals
{
    public static readonly Refusal NotFound = new("request.not_found", 404);
    public static readonly Refusal NotNow = new("erasure.not_now", 409);
    public static readonly Refusal NotThis = new("erasure.not_this", 409);
}
