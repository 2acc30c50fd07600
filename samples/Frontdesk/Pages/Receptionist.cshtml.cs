using System.Globalization;
using Frontdesk.Desks;
using Frontdesk.Numbers;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>How calls are answered, and the desk's number. Everybody of the workspace reads it; who may edit its settings changes it.</summary>
public sealed class ReceptionistModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    /// <summary>Characters.</summary>
    public const int LongestGreeting = 500;

    /// <summary>Characters.</summary>
    public const int LongestName = 40;

    /// <summary>What is done with calls outside the hours.</summary>
    public static readonly IReadOnlyList<(string Value, string Words)> AfterHours = [("message", "Take a message"), ("answer", "Answer as in the day"), ("closed", "Say when somebody is back")];

    /// <summary>The desk's number; null for none.</summary>
    public PhoneNumber? Number { get; private set; }

    /// <summary>Some that are free.</summary>
    public IReadOnlyList<PhoneNumber> Free { get; private set; } = [];

    /// <summary>How many are free.</summary>
    public long CountFree { get; private set; }

    /// <summary>The page.</summary>
    public void OnGet() => Run(tx =>
    {
        (Number, Free, CountFree) = (NumberPool.Of(tx, Desk.Id), NumberPool.Free(tx), NumberPool.CountFree(tx));
        return 0;
    });

    /// <summary>Takes a number of the pool, if it is still free and the desk has none.</summary>
    public IActionResult OnPostTake(string? number)
    {
        if (!Desk.MaySettle) return StatusCode(StatusCodes.Status403Forbidden);
        return Back("/receptionist", Run(tx => NumberPool.Take(tx, Desk.Id, number ?? "", Now)) ? "taken" : "late");
    }

    /// <summary>The number goes back to the pool.</summary>
    public IActionResult OnPostGiveBack()
    {
        if (!Desk.MaySettle) return StatusCode(StatusCodes.Status403Forbidden);
        Run(tx => NumberPool.GiveBack(tx, Desk.Id));
        return Back("/receptionist", "given");
    }

    /// <summary>Saves how calls are answered; what cannot be is left as it was.</summary>
    public IActionResult OnPostSave(string? receptionist, string? greeting, string? opens, string? closes, string? afterHours)
    {
        if (!Desk.MaySettle) return StatusCode(StatusCodes.Status403Forbidden);
        if (receptionist?.Trim() is not { Length: > 0 and <= LongestName } name || greeting?.Trim() is not { Length: > 0 and <= LongestGreeting } words || !IsTime(opens) || !IsTime(closes) || !AfterHours.Any(a => a.Value == afterHours)) return Back("/receptionist", "long");
        Run(tx => tx.Execute("UPDATE desks SET receptionist = @name, greeting = @words, opens = @opens, closes = @closes, after_hours = @afterHours WHERE id = @Id", new { Desk.Id, name, words, opens, closes, afterHours }));
        return Back("/receptionist", "saved");
    }

    private static bool IsTime(string? text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
