"""The columns and the project file of the tables of random projects."""

from __future__ import annotations

COLUMNS = {
    "roster": ["payee", "name", "role", "rate", "base", "extra", "grade", "from_date", "through_date"],
    "reporting": ["payee", "manager", "from_date"],
    "assignments": ["payee", "plan", "from_date", "through_date"],
    "holders": ["territory", "payee", "from_date", "through_date"],
    "grades": ["grade", "factor", "step", "from_date", "through_date"],
    "products": ["product", "price", "category", "from_date", "through_date"],
    "accounts": ["account", "holder", "from_date", "through_date"],
    "regions": ["region", "zone"],
    "customers": ["customer", "region", "segment"],
    "targets": ["payee", "kind", "period", "target"],
    "deals": [
        "sale",
        "day",
        "customer",
        "product",
        "account",
        "seller",
        "helper",
        "booker",
        "status",
        "amount",
        "discount",
        "quantity",
        "weight",
        "pod",
        "paid_on",
    ],
    "receipts": ["number", "deal", "received", "amount"],
    "items": ["sale", "number", "product", "price"],
    "pods": ["pod", "payee", "share", "from_date", "through_date"],
    "relief": ["number", "payee", "period", "amount"],
    "contracts": ["contract", "seller", "worth", "from_date", "through_date"],
}

YAML = """name: generated
data: data
roster: roster
managers: reporting

sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date, through: through_date}
    columns:
      payee: text
      name: text
      role: text
      rate: {type: rate, scale: 4, maximum: 100000%}
      base: {type: money, currency: CUR, scale: 2}
      extra: {type: money, currency: CUR, scale: 3, optional: true}
      grade: {type: text, references: grades}
      from_date: date
      through_date: {type: date, optional: true}
  reporting:
    files: reporting.csv
    key: [payee]
    dated: {from: from_date}
    columns:
      payee: {type: text, references: roster}
      manager: {type: text, references: roster}
      from_date: date
  assignments:
    files: assignments.csv
    key: [payee, plan]
    dated: {from: from_date, through: through_date}
    columns:
      payee: {type: text, references: roster}
      plan: text
      from_date: date
      through_date: {type: date, optional: true}
  holders:
    files: holders.csv
    key: [territory]
    dated: {from: from_date, through: through_date}
    columns:
      territory: text
      payee: {type: text, references: roster}
      from_date: date
      through_date: {type: date, optional: true}
  grades:
    files: grades.csv
    key: [grade]
    dated: {from: from_date, through: through_date}
    columns:
      grade: text
      factor: {type: rate, scale: 4, maximum: 100000%}
      step: {type: money, currency: CUR, scale: 3}
      from_date: date
      through_date: {type: date, optional: true}
  products:
    files: products.csv
    key: [product]
    dated: {from: from_date, through: through_date}
    columns:
      product: text
      price: {type: number, scale: 2}
      category: text
      from_date: date
      through_date: {type: date, optional: true}
  accounts:
    files: accounts.csv
    key: [account]
    dated: {from: from_date, through: through_date}
    columns:
      account: text
      holder: {type: text, references: roster}
      from_date: date
      through_date: {type: date, optional: true}
  regions:
    files: regions.csv
    key: [region]
    columns:
      region: text
      zone: text
  customers:
    files: customers.csv
    key: [customer]
    columns:
      customer: text
      region: {type: text, references: regions}
      segment: text
  targets:
    files: targets.csv
    key: [payee, kind, period]
    columns:
      payee: {type: text, references: roster}
      kind: text
      period: date
      target: {type: money, currency: CUR, scale: 2}
  deals:
    files: deals*.csv
    key: [sale]
    columns:
      sale: text
      day: date
      customer: {type: text, references: customers}
      product: {type: text, references: products, optional: true}
      account: {type: text, references: accounts, optional: true}
      seller: {type: text, references: roster, optional: true}
      helper: {type: text, references: roster, optional: true}
      booker: {type: text, references: roster}
      status: text
      amount: {type: money, currency: CUR, scale: SCALE}
      discount: {type: money, currency: CUR, scale: 2, optional: true}
      quantity: count
      weight: {type: number, scale: 3}
      pod: {type: text, optional: true}
      paid_on: {type: date, optional: true}
  receipts:
    files: receipts.csv
    key: [number]
    columns:
      number: count
      deal: {type: text, references: deals}
      received: date
      amount: {type: money, currency: CUR, scale: SCALE}
  items:
    files: items.csv
    key: [sale, number]
    columns:
      sale: {type: text, references: deals}
      number: count
      product: {type: text, references: products}
      price: {type: money, currency: CUR, scale: SCALE}
  contracts:
    files: contracts.csv
    key: [contract]
    dated: {from: from_date, through: through_date}
    columns:
      contract: text
      seller: {type: text, references: roster}
      worth: {type: money, currency: CUR, scale: 2}
      from_date: date
      through_date: {type: date, optional: true}
  relief:
    files: relief.csv
    key: [number]
    columns:
      number: count
      payee: {type: text, references: roster}
      period: date
      amount: {type: money, currency: CUR, scale: 3}
  pods:
    files: pods.csv
    key: [pod, payee]
    dated: {from: from_date, through: through_date}
    columns:
      pod: text
      payee: {type: text, references: roster}
      share: {type: rate, scale: 3, maximum: 100000%}
      from_date: date
      through_date: {type: date, optional: true}
"""
