using System.Globalization;
using Frontdesk.Storage;

namespace Frontdesk.Numbers;

/// <summary>A phone number of the pool.</summary>
public sealed record PhoneNumber
{
    /// <summary>As people write it, such as +44 20 7946 0112.</summary>
    public required string Number { get; init; }

    /// <summary>Where it rings.</summary>
    public required string Area { get; init; }
}

/// <summary>Numbers that desks take and give back. All are of ranges that Ofcom keeps for stories: nobody is ever rung by them.</summary>
public static class NumberPool
{
    private static readonly (string Area, string Start)[] Ranges = [("London", "+44 20 7946 01"), ("Manchester", "+44 161 496 01"), ("Edinburgh", "+44 131 496 01"), ("Cardiff", "+44 29 2018 01")];

    private const int OfEach = 12;

    internal static void Fill(Tx tx)
    {
        foreach (var (area, start) in Ranges)
        {
            for (var i = 0; i < OfEach; i++) tx.Execute("INSERT OR IGNORE INTO numbers (number, area) VALUES (@number, @area)", new { number = start + (10 + i * 7).ToString(CultureInfo.InvariantCulture), area });
        }
    }

    /// <summary>A few that are free, of each area.</summary>
    public static List<PhoneNumber> Free(Tx tx) =>
        tx.Many<PhoneNumber>("SELECT number, area FROM (SELECT number, area, ROW_NUMBER() OVER (PARTITION BY area ORDER BY number) AS place FROM numbers WHERE desk_id IS NULL) WHERE place <= 2 ORDER BY area, number");

    /// <summary>How many are free.</summary>
    public static long CountFree(Tx tx) => tx.Count("SELECT COUNT(*) FROM numbers WHERE desk_id IS NULL");

    /// <summary>The number of a desk; null without one.</summary>
    public static PhoneNumber? Of(Tx tx, string desk) => tx.One<PhoneNumber>("SELECT number, area FROM numbers WHERE desk_id = @desk", new { desk });

    /// <summary>One statement asks and takes: of two desks that want one number, one gets it.</summary>
    /// <returns>False when it is taken, or the desk has one.</returns>
    public static bool Take(Tx tx, string desk, string number, long now) =>
        tx.Execute("UPDATE numbers SET desk_id = @desk, taken_at = @now WHERE number = @number AND desk_id IS NULL AND NOT EXISTS (SELECT 1 FROM numbers WHERE desk_id = @desk)", new { desk, number, now }) == 1;

    /// <returns>False when there was none.</returns>
    public static bool GiveBack(Tx tx, string desk) => tx.Execute("UPDATE numbers SET desk_id = NULL, taken_at = NULL WHERE desk_id = @desk", new { desk }) == 1;
}
