using Holdfast.Bench;

// The floors run as processes of their own, so that their CPU time can be told apart.
return args switch
{
    ["floor", var kind, var bytes] => await Floor.Run(kind, int.Parse(bytes, System.Globalization.CultureInfo.InvariantCulture)),
    ["measure", .. var options] => await Measure.Run(Options.Parse(options)),
    _ => Options.Explain(),
};
