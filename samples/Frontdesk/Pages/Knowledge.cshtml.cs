using Frontdesk.Desks;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>The knowledge base: read, and add to it.</summary>
public sealed class KnowledgeModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    /// <summary>Characters of a question, and of an answer.</summary>
    public const int Longest = 1000;

    /// <summary>Questions with their answers.</summary>
    public IReadOnlyList<(string Question, string Answer)> Articles { get; private set; } = [];

    /// <summary>The page.</summary>
    public void OnGet() => Articles = Run(tx => tx.Many<(string, string)>("SELECT question, answer FROM articles WHERE desk_id = @Id ORDER BY id", new { Desk.Id }));

    /// <summary>Adds one, each of 1 to 1000 characters.</summary>
    public IActionResult OnPost(string? question, string? answer)
    {
        if (question?.Trim() is not { Length: > 0 and <= Longest } asked || answer?.Trim() is not { Length: > 0 and <= Longest } said) return Back("/knowledge", "long");
        Run(tx => tx.Execute("INSERT INTO articles (desk_id, question, answer, author_id, changed_at) VALUES (@Id, @asked, @said, @me, @Now)", new { Desk.Id, asked, said, me = Me.Id, Now }));
        return Back("/knowledge", "article");
    }
}
