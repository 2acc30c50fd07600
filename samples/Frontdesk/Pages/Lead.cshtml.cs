using Frontdesk.Desks;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>What somebody wrote about a lead.</summary>
public sealed record NoteRow
{
    /// <summary>The note.</summary>
    public required string Text { get; init; }

    /// <summary>When.</summary>
    public long WrittenAt { get; init; }

    /// <summary>Who.</summary>
    public required string Author { get; init; }
}

/// <summary>One lead, with notes.</summary>
public sealed class LeadModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    /// <summary>Characters.</summary>
    public const int LongestNote = 1000;

    /// <summary>Where a lead may stand.</summary>
    public static readonly IReadOnlyList<string> States = ["new", "called back", "offer sent", "won", "lost"];

    /// <summary>The lead.</summary>
    public LeadRow Lead { get; private set; } = null!;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<NoteRow> Notes { get; private set; } = [];

    /// <summary>The page.</summary>
    public IActionResult OnGet(long id)
    {
        (Lead, Notes) = Run(tx => (tx.One<LeadRow>($"{LeadsModel.Select} AND l.id = @id", new { Desk.Id, id })!,
            tx.Many<NoteRow>("SELECT n.text, n.written_at, p.name AS author FROM notes n JOIN people p ON p.desk_id = n.desk_id AND p.account_id = n.author_id WHERE n.desk_id = @Id AND n.lead_id = @id ORDER BY n.written_at, n.id", new { Desk.Id, id })));
        return Lead is null ? NotFound() : Page();
    }

    /// <summary>Who says where it stands looks after it.</summary>
    public IActionResult OnPostState(long id, string? state) =>
        States.Contains(state, StringComparer.Ordinal) && Run(tx => tx.Execute("UPDATE leads SET state = @state, owner_id = @me WHERE desk_id = @Id AND id = @id", new { Desk.Id, id, state, me = Me.Id })) == 1 ? Back($"/leads/{id}", "lead") : NotFound();

    /// <summary>Adds a note of 1 to 1000 characters.</summary>
    public IActionResult OnPostNote(long id, string? text)
    {
        if (text?.Trim() is not { Length: > 0 and <= LongestNote } note) return Back($"/leads/{id}", "long");
        return Run(tx => tx.Execute("INSERT INTO notes (desk_id, lead_id, author_id, text, written_at) SELECT desk_id, id, @me, @note, @Now FROM leads WHERE desk_id = @Id AND id = @id",
            new { Desk.Id, id, me = Me.Id, note, Now })) == 1 ? Back($"/leads/{id}", "note") : NotFound();
    }
}
