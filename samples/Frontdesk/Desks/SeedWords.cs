namespace Frontdesk.Desks;

/// <param name="DaysAgo">When it came in.</param>
/// <param name="CopiedToCrm">The product has passed a copy on, which it cannot take back.</param>
internal sealed record SeedLead(string Name, string Phone, string Email, string Wish, string State, double DaysAgo, bool CopiedToCrm, bool Mine = false, string? Note = null);

/// <param name="Lines">What was said, line by line, the receptionist first; none where nobody spoke.</param>
/// <param name="Recorded">Seconds of the recording; 0 for none.</param>
internal sealed record SeedCall(string Caller, string Phone, double DaysAgo, int Seconds, string Outcome, string Summary, int Recorded, string[] Lines, bool Mine = false);

/// <param name="InDays">From the start of today; the hour is the time of day.</param>
internal sealed record SeedAppointment(string Guest, string About, int InDays, double Hour, int Minutes, bool InCalendar, bool Mailed, bool Mine = false);

/// <summary>What a new desk shows: all of it invented. Numbers are of ranges that Ofcom keeps for stories, addresses under example.com (RFC 2606).</summary>
internal static class SeedWords
{
    public static readonly IReadOnlyList<SeedLead> Leads =
    [
        new("Harriet Okonjo", "+44 7700 900142", "harriet@example.com", "A staircase for a loft, oak, before the scaffolding goes", "new", 0.1, false),
        new("Pawel Brzezinski", "+44 7700 900318", "pawel.b@example.com", "Six café tables, round, 70 cm", "new", 0.4, true),
        new("Lucía Ferreiro", "+44 7700 900507", "lucia@example.com", "Wardrobe under a sloping roof; has drawings", "called back", 1.2, true, Mine: true, "Drawings arrived. The slope is 38°, doors want a pivot hinge."),
        new("Graham Pell", "+44 20 7946 0733", "graham.pell@example.com", "Repair of a sash window, two panes", "called back", 2.1, false),
        new("Mei-Ling Zhao", "+44 7700 900611", "meiling@example.com", "Kitchen island with a walnut top", "offer sent", 3.6, true, Mine: true, "Offer of 4,850 sent. She decides after the 12th."),
        new("Ruth Adeyemi", "+44 7700 900820", "ruth@example.com", "Shelves for a reading room, 11 m in all", "offer sent", 5.3, true),
        new("Callum Reid", "+44 131 496 0288", "callum@example.com", "Front door, draughty, wants advice", "won", 8.2, false),
        new("Anneke de Wit", "+44 7700 900034", "anneke@example.com", "A cot for July", "lost", 11.5, false),
    ];

    public static readonly IReadOnlyList<SeedCall> Calls =
    [
        new("Harriet Okonjo", "+44 7700 900142", 0.1, 148, "booked", "Wants an oak staircase for a loft. Booked a visit for measuring.", 9,
        [
            "Good morning, this is the front desk. How can I help?", "Hello, I need a staircase for a loft. The scaffolding comes down in three weeks.", "That can be done in time if we measure soon. Would tomorrow at ten suit you?", "Tomorrow at ten is perfect.",
            "Then it is booked. You get a confirmation by e-mail in a minute.", "Lovely, thank you.",
        ]),
        new("Pawel Brzezinski", "+44 7700 900318", 0.4, 96, "lead", "Asks for six round café tables. Left his address for an offer.", 7,
        [
            "Good morning, this is the front desk. How can I help?", "I am opening a café and need six round tables, seventy centimetres.", "Gladly. In which wood, and by when?", "Ash, by the end of next month.", "I have noted it. An offer comes to your address by tomorrow evening.",
        ]),
        new("Unknown caller", "withheld", 0.6, 4, "missed", "Rang off before the greeting was over.", 0, []),
        new("Lucía Ferreiro", "+44 7700 900507", 1.2, 211, "put through", "About the wardrobe under the roof. Put through.", 8,
        [
            "Good afternoon, this is the front desk. How can I help?", "I sent drawings of a wardrobe, and I have a question about the hinges.", "One moment, I put you through to somebody who has them in front of them.", "Thank you.", "I have your drawings here. With that slope I would take a pivot hinge.",
        ], Mine: true),
        new("Graham Pell", "+44 20 7946 0733", 2.1, 132, "lead", "Two panes of a sash window are broken. Wants to be rung back after four.", 6,
        [
            "Good morning, this is the front desk. How can I help?", "A sash window, two panes gone. Do you do repairs?", "We do. May somebody ring you back today?", "After four, please.",
        ]),
        new("Wholesale of something", "+44 7700 900999", 2.8, 18, "spam", "A recorded advertisement. Ended by the receptionist.", 0, ["Good morning, this is the front desk. How can I help?", "Congratulations! Your business has been chosen …"]),
        new("Ruth Adeyemi", "+44 7700 900820", 3.2, 87, "answered", "Asked for opening hours and parking. Answered from the knowledge base.", 6,
        [
            "Good morning, this is the front desk. How can I help?", "Can I come by on Saturday, and can I park?", "On Saturdays we are here from nine to one. There are two places in the yard, behind the blue gate.", "Wonderful.",
        ]),
        new("Mei-Ling Zhao", "+44 7700 900611", 3.6, 254, "put through", "Went through the offer for the kitchen island. Put through.", 8,
        [
            "Good afternoon, this is the front desk. How can I help?", "It is about the offer, the walnut top.", "I put you through.", "Thank you.", "Walnut moves more than oak, so I would make the top in three boards.",
        ], Mine: true),
        new("Callum Reid", "+44 131 496 0288", 8.2, 119, "booked", "A draughty front door. Booked a look at it.", 0, ["Good morning, this is the front desk. How can I help?", "My front door lets the winter in.", "Somebody can look at it on Monday at half past eight.", "Monday it is."]),
    ];

    public static readonly IReadOnlyList<SeedAppointment> Appointments =
    [
        new("Lucía Ferreiro", "Wardrobe: hinges and handles", 0, 15.5, 30, true, true, Mine: true),
        new("Harriet Okonjo", "Measuring the loft", 1, 10, 60, true, true),
        new("Graham Pell", "Sash window, two panes", 2, 16.25, 45, false, true),
        new("Mei-Ling Zhao", "Kitchen island: choosing boards", 4, 11, 60, true, true, Mine: true),
        new("Ruth Adeyemi", "Reading room, second look", 6, 9.5, 90, true, false),
        new("Callum Reid", "Front door", -5, 8.5, 30, true, true),
    ];

    public static readonly IReadOnlyList<(string Question, string Answer)> Articles =
    [
        ("When are you open?", "Monday to Friday from 8:30 to 17:30, Saturday from 9 to 13."),
        ("Where can I park?", "Two places in the yard, behind the blue gate. The street is free after 18:00."),
        ("How long does an offer take?", "One working day for furniture, three for stairs, because somebody measures first."),
        ("Do you repair things that you did not make?", "Yes: windows, doors and chairs. Upholstery no."),
        ("What does a first visit cost?", "Nothing within ten miles. Further away 40, which comes off the bill."),
    ];
}
